import request from 'supertest';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import {
  clientOf,
  startTestApp,
  superAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

const SETUP = '/api/v1/scim-setup';
const LINKS = `${TOKENS}setup-links`;
const MARKUP = `"'><img src=x onerror=alert(1)><script>alert(1)</script>{{api}}&amp;`;

interface Link {
  readonly id: string;
  readonly secret: string;
}

describe('A setup link, attacked,', () => {
  let app: TestApp;
  let admin: Client;

  beforeAll(async () => {
    app = await startTestApp({
      directory: new FileTenantDirectory([
        { id: 'tnt_a', name: MARKUP },
        { id: 'tnt_b', name: 'Bolt' },
      ]),
      env: { SETUP_BRAND_NAME: MARKUP },
    });
    admin = app.as(superAdmin());
  });
  afterAll(() => app.close());

  const linkFor = async (tenant_id: string, fields: object = {}): Promise<Link> => {
    const { body } = await admin
      .post(LINKS)
      .send({ tenant_id, ...fields })
      .expect(201);
    const { id, url } = body as { id: string; url: string };
    return { id, secret: url.slice(url.indexOf('#') + 1) };
  };
  const by = ({ secret }: Link): Client => clientOf(app.url, secret);

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
});
