import request from 'supertest';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { HOUR, MovingClock } from '../support/moving-clock';
import { LINKS, makeLink, SETUP, type HeldLink } from '../support/setup-links';
import {
  clientOf,
  mintJwt,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

describe('What a setup page asks', () => {
  let app: TestApp;
  let clock: MovingClock;

  beforeAll(async () => {
    clock = new MovingClock();
    app = await startTestApp({
      clock,
      directory: new FileTenantDirectory([
        { id: 'tnt_a', name: 'Acme Corporation' },
        { id: 'tnt_b' },
      ]),
      env: {
        SETUP_FRAME_ANCESTORS: 'https://app.example.com',
        SETUP_RETURN_ORIGINS: 'https://app.example.com',
        SETUP_BRAND_NAME: 'Example',
      },
    });
  });
  afterAll(() => app.close());

  const linkFor = (tenant: string, fields: object = {}): Promise<HeldLink> =>
    makeLink(app.as(tenantAdmin(tenant)), fields);
  const by = ({ secret }: HeldLink): Client => clientOf(app.url, secret);

  it('is answered compressed to who takes that, as it is asked for every few seconds', async () => {
    const link = await linkFor('tnt_b');
    const packed = await by(link).get(SETUP).set('Accept-Encoding', 'br, gzip').expect(200);
    expect(packed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(Number(packed.headers['content-length'])).toBeLessThan(10_000);
    for (const encodings of ['identity', 'gzip;q=0']) {
      const plain = await by(link).get(SETUP).set('Accept-Encoding', encodings).expect(200);
      expect(plain.headers).not.toHaveProperty('content-encoding');
      const now = expect.any(String) as string;
      expect(plain.body).toEqual({
        ...packed.body,
        now,
        check: { ...packed.body.check, next_look_at: now },
      });
    }
  });

  it('is answered with the tenant, the brand, the link and what to do in each console', async () => {
    const link = await linkFor('tnt_a');
    const answer = await by(link).get(SETUP).expect(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-language': 'en' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.body).toMatchObject({
      now: clock.now().toISOString(),
      tenant: { id: 'tnt_a', name: 'Acme Corporation' },
      brand: { name: 'Example', color: '#2456c9', logo_url: null, support_url: null },
      language: null,
      frame_ancestors: ['https://app.example.com'],
      link: { id: link.id, status: 'open', provider: null, auth_method: null, renews: false },
      provider: null,
      connection: null,
      check: { state: 'not_started', since: null, failures: [] },
    });
    const { providers } = answer.body as { providers: { id: string; methods: object[] }[] };
    expect(providers.map(({ id }) => id)).toContain('generic');
    expect(providers.find(({ id }) => id === 'entra')?.methods).toMatchObject([
      { auth_method: 'workload_identity', recommended: true },
      { auth_method: 'client_credentials' },
      { auth_method: 'bearer' },
    ]);
  });

  it('shows no more than the link is for, and a tenant without a name by its id', async () => {
    const link = await linkFor('tnt_b', { provider: 'entra', auth_method: 'client_credentials' });
    const { body } = await by(link).get(SETUP).expect(200);
    expect(body).toMatchObject({
      tenant: { id: 'tnt_b', name: 'tnt_b' },
      provider: 'entra',
      providers: [{ id: 'entra', methods: [{ auth_method: 'client_credentials' }] }],
    });
    expect(JSON.stringify(body)).not.toMatch(/"auth_method\\":|recent_failures/);
  });

  it('leads back no more once the operator has taken that origin out', async () => {
    const return_url = 'https://app.example.com/settings';
    const link = await linkFor('tnt_b', { return_url });
    const answer = (await by(link).get(SETUP).expect(200)).body as object;
    expect(answer).toMatchObject({ link: { return_url } });
    const later = await startTestApp({ databaseUrl: app.databaseUrl, clock });
    try {
      const { body } = await clientOf(later.url, link.secret).get(SETUP).expect(200);
      expect(body).toMatchObject({ link: { id: link.id, return_url: null } });
    } finally {
      await later.close();
    }
  });

  it.each([
    ['the link’s, whatever the browser wants', { language: 'ja' }, 'de', 'ja'],
    ['else the best of the browser’s', {}, 'it, fr-CA;q=0.5, de-AT;q=0.8, en;q=0.1', 'de'],
    ['and not one that it refuses', {}, 'de;q=0, es-MX;q=0.3', 'es'],
    ['else English', {}, 'it, *;q=0.1', 'en'],
  ])('is answered in a language: %s', async (_, fields, wanted, language) => {
    const link = await linkFor('tnt_a', { provider: 'okta', ...fields });
    const answer = await by(link).get(SETUP).set('Accept-Language', wanted).expect(200);
    expect(answer.headers['content-language']).toBe(language);
    const english = await by(link).get(SETUP).set('Accept-Language', 'en');
    expect(JSON.stringify(answer.body) === JSON.stringify(english.body)).toBe(
      language === 'en' || language === 'ja',
    );
  });

  it('is told once as the opening of the link, by the link itself', async () => {
    const link = await linkFor('tnt_a');
    const admin = app.as(tenantAdmin('tnt_a'));
    await Promise.all([by(link).get(SETUP).expect(200), by(link).get(SETUP).expect(200)]);
    await by(link).get(SETUP).expect(200);
    const { body } = await admin.get(`${TOKENS}events?type=scim_token.setup_link_opened`);
    const opened = (body as { items: { actor: string }[] }).items.map(({ actor }) => actor);
    expect(opened.filter((actor) => actor === `setup:${link.id}`)).toHaveLength(1);
    expect((await admin.get(`${LINKS}/${link.id}`)).body).toMatchObject({
      opened_at: clock.now().toISOString(),
    });
  });

  describe('with anything but the secret of a link that works', () => {
    const raw = async (authorization: string | null, path = SETUP): Promise<object> => {
      const asked = request(app.url).get(path);
      const { status, headers, text } = await (authorization === null
        ? asked
        : asked.set('Authorization', authorization));
      const { date: _, 'x-request-id': id, ...others } = headers as Record<string, string>;
      expect(id).toBeDefined();
      return { status, headers: others, text };
    };

    it('is answered with one 401, byte for byte', async () => {
      const [expired, revoked, live, gone] = [
        await linkFor('tnt_a', { expires_in_hours: 1 }),
        await linkFor('tnt_a', { expires_in_hours: 3 }),
        await linkFor('tnt_a', { expires_in_hours: 3 }),
        await linkFor('tnt_a', { expires_in_hours: 3 }),
      ];
      await app.as(tenantAdmin('tnt_a')).delete(`${LINKS}/${revoked.id}`).expect(204);
      clock.advance(HOUR);
      const other = live.secret.endsWith('0') ? '1' : '0';
      const wrong = [
        null,
        'Bearer',
        `Basic ${live.secret}`,
        `Bearer ${live.secret.slice(0, -1)}${other}`,
        `Bearer ${live.secret}, Bearer ${live.secret}`,
        `Bearer ${superAdmin()}`,
        `Bearer ${mintJwt({ role: 'tenant_admin', tenant_id: 'tnt_a' })}`,
        `Bearer ${revoked.secret}`,
        `Bearer ${expired.secret}`,
      ];
      const answers = await Promise.all(wrong.map((authorization) => raw(authorization)));
      expect(answers[0]).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        text: '{"detail":"Invalid or expired setup link"}',
      });
      expect(answers).toEqual(wrong.map(() => answers[0]));
      await by(gone).get(SETUP).expect(200);
    });
  });
});
