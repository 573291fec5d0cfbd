import request from 'supertest';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { UsageWriter } from '../../src/usage/usage-writer';
import { ScimTokenVerifier } from '../../src/verification/scim-token.verifier';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import { LINKS, makeLink, SETUP, type HeldLink } from '../support/setup-links';
import {
  clientOf,
  startTestApp,
  superAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

const MARKUP = `"'><img src=x onerror=alert(1)><script>alert(1)</script>{{api}}&amp;`;

describe('A setup link, attacked,', () => {
  let app: TestApp;
  let admin: Client;
  const clock = new MovingClock();

  beforeAll(async () => {
    app = await startTestApp({
      clock,
      directory: new FileTenantDirectory([
        { id: 'tnt_a', name: MARKUP },
        { id: 'tnt_b', name: 'Bolt' },
      ]),
      env: { SETUP_BRAND_NAME: MARKUP },
    });
    admin = app.as(superAdmin());
  });
  afterAll(() => app.close());

  const linkFor = (tenant_id: string, fields: object = {}): Promise<HeldLink> =>
    makeLink(admin, { tenant_id, ...fields });
  const by = ({ secret }: HeldLink): Client => clientOf(app.url, secret);

  it('is left open and unopened by scanners that load the page, in whatever way', async () => {
    const { id, secret } = await linkFor('tnt_a');
    const agent = request(app.url);
    const url = `/setup#${secret}`;
    const statuses = async (path: string): Promise<number[]> => {
      const answers = [agent.get(path), agent.head(path), agent.post(path).send({ url })];
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    // The fragment is dropped, or else encoded, or handed on.
    expect(await statuses('/setup')).toEqual([200, 200, 405]);
    expect(await statuses(`/setup?url=${encodeURIComponent(url)}`)).toEqual([200, 200, 405]);
    expect(await statuses(encodeURIComponent(url).replace('%2F', '/'))).toEqual([404, 404, 404]);
    expect(await statuses(SETUP)).toEqual([401, 401, 405]);
    expect(await statuses(`${SETUP}?access_token=${secret}`)).toEqual([401, 401, 405]);
    expect((await admin.get(`${LINKS}/${id}`)).body).toMatchObject({
      status: 'open',
      opened_at: null,
    });
    expect(app.logs()).not.toContain(secret);
  });

  it('hands on what tenants and operators call themselves as text of JSON, and the page holds none of it', async () => {
    const link = await linkFor('tnt_a', { token: { name: MARKUP } });
    const { headers, body } = await by(link).get(SETUP).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(body).toMatchObject({ tenant: { name: MARKUP }, brand: { name: MARKUP } });
    const page = await request(app.url).get('/setup').set('Accept-Encoding', 'identity');
    expect(page.text).toContain('<meta name="scim-setup-api"');
    expect(page.text).not.toMatch(/onerror|alert/);
  });

  it('says nothing to pages of other origins', async () => {
    const link = await linkFor('tnt_a');
    const { headers } = await by(link).get(SETUP).set('Origin', 'https://evil.example').expect(200);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('reads its own tenant alone, whatever tenant the request names', async () => {
    const link = await linkFor('tnt_b');
    const { body } = await by(link)
      .get(`${SETUP}?tenant_id=tnt_a`)
      .set('X-Tenant-Id', 'tnt_a')
      .expect(200);
    expect(body).toMatchObject({ tenant: { id: 'tnt_b', name: 'Bolt' }, link: { id: link.id } });
  });

  it('reaches no other link’s token, whatever token or link it names', async () => {
    const [one, two, far] = [
      await linkFor('tnt_a'),
      await linkFor('tnt_a'),
      await linkFor('tnt_b'),
    ];
    const make = (link: HeldLink, fields: object = {}) =>
      by(link)
        .post(`${SETUP}/token`)
        .send({ provider: 'okta', ...fields });
    const made = (await make(one).expect(201)).body as { connection: { id: string } };
    const before = (await admin.get(TOKENS + made.connection.id)).body as object;
    for (const other of [two, far]) {
      expect((await by(other).get(SETUP)).body).toMatchObject({ connection: null });
      const naming = { tenant_id: 'tnt_a', token_id: made.connection.id, link_id: one.id };
      await make(other, { replace: true, ...naming });
      await by(other)
        .post(`${SETUP}/token?token_id=${made.connection.id}`)
        .send({ provider: 'okta' });
      expect((await by(other).get(SETUP)).body).not.toMatchObject({ connection: made.connection });
    }
    expect((await admin.get(TOKENS + made.connection.id)).body).toEqual(before);
  });

  it('is refused a day after its connection synced as a link that never was', async () => {
    const link = await linkFor('tnt_b');
    const answer = await by(link).post(`${SETUP}/token`).send({ provider: 'okta' }).expect(201);
    const { token } = answer.body as { token: string };
    for (const wait of [0, HOUR]) {
      clock.advance(wait);
      await app.provider(ScimTokenVerifier).verify(token, { tenantId: 'tnt_b' });
      await app.provider(UsageWriter).flush({ all: true });
    }
    expect((await by(link).get(SETUP).expect(200)).body).toMatchObject({
      check: { state: 'synced' },
    });
    clock.advance(DAY);
    const said = async (secret: string) => {
      const { status, headers, text } = await clientOf(app.url, secret).get(SETUP);
      const { date: _, 'x-request-id': __, ...others } = headers as Record<string, string>;
      return { status, others, text };
    };
    expect(await said(link.secret)).toMatchObject({ status: 401 });
    expect(await said(link.secret)).toEqual(await said('nothing'));
  });
});
