import { loadConfig } from '../../src/service/config/config';
import { UsageWriter } from '../../src/usage/usage-writer';
import { startScimHost, type ScimHost } from '../support/scim-host';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

const SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';
const ENV = { SCIM_VERIFY_SECRET: SECRET, SCIM_VERIFY_URI_HEADER: 'X-Original-URI' };

/** What a proxy writes for its client, and whose address that is. */
const WRITTEN: [string, string | null][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:51234', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:cb00:7107]:443', '203.0.113.7'],
  ['[2001:DB8::1]:443', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['unknown', null],
  ['_hidden', null],
  ['"203.0.113.7"', null],
  ['127.1', null],
  ['0x7f.0.0.1', null],
  ['1'.repeat(80), null],
  ['x'.repeat(8_000), null],
  ['[2001:db8::1', null],
  ["'; DROP TABLE scim_tokens; --", null],
];

/** What of our answers is looked at. */
interface Answer {
  readonly id: string;
  readonly token: string;
  readonly active?: boolean;
  readonly last_used_ip: string | null;
  readonly items: readonly { readonly ip: string | null }[];
  readonly authentication: {
    readonly recent_failures: readonly { readonly last_ip: string | null }[];
  };
}

describe('An address as a proxy writes it', () => {
  let host: ScimHost;
  beforeAll(async () => {
    host = await startScimHost({
      env: { ...ENV, RATE_LIMIT_PER_MINUTE: '1000' },
      configure: (app) => app.set('trust proxy', 1),
    });
  });
  afterAll(() => host.close());

  const send = async (
    forwarded: string,
    method: string,
    path: string,
    { body, ...headers }: { body?: unknown; [name: string]: unknown } = {},
  ) => {
    const form = body instanceof URLSearchParams;
    const answer = await fetch(host.url + path, {
      method,
      headers: {
        authorization: `Bearer ${superAdmin()}`,
        ...(headers as Record<string, string>),
        'x-forwarded-for': forwarded,
        ...(body !== undefined && !form && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Answer };
  };

  it.each(WRITTEN)('%s is taken for what it is by each operation', async (forwarded, address) => {
    const call = send.bind(null, forwarded);
    const made = await call('POST', TOKENS, {
      body: { name: 'Okta', tenant_id: 'tnt_a', allowed_ips: ['203.0.113.0/24', '2001:db8::/32'] },
    });
    expect(made.status).toBe(201);
    const { id, token } = made.body;
    const isInside = address?.startsWith('203.') === true || address?.startsWith('2001:') === true;

    expect((await call('GET', `${TOKENS}?tenant_id=tnt_a`)).status).toBe(200);
    expect((await call('PATCH', TOKENS + id, { body: { name: 'Entra' } })).status).toBe(200);
    expect((await call('GET', TOKENS, { authorization: 'Bearer x' })).status).toBe(401);

    const scim = { authorization: `Bearer ${token}` };
    const guarded = await call('GET', '/tenants/tnt_a/scim/v2/Users', scim);
    expect(guarded.status).toBe(isInside ? 200 : 401);
    const proxied = await call('GET', '/api/v1/scim-tokens/verify', {
      ...scim,
      'x-scim-verify-secret': SECRET,
      'x-original-uri': '/api/v1/tenants/tnt_a/scim/v2/Users',
    });
    expect(proxied.status).toBe(isInside ? 204 : 401);
    const asked = await call('POST', '/api/v1/scim-tokens/introspect', {
      body: new URLSearchParams({ token, ip: forwarded }),
    });
    expect([asked.status, asked.body.active]).toEqual(
      address === null ? [422, undefined] : [200, isInside],
    );

    await host.app.get(UsageWriter, { strict: false }).flush();
    const used = await call('GET', TOKENS + id);
    expect(used.body.last_used_ip).toBe(isInside ? address : null);
    expect(
      (await call('POST', '/api/v1/scim-tokens/revoke', { body: new URLSearchParams({ token }) }))
        .status,
    ).toBe(200);
    expect((await call('DELETE', TOKENS + id)).status).toBe(204);
    const events = await call('GET', `${TOKENS}${id}/events`);
    const ips = events.body.items.map(({ ip }) => ip);
    expect(ips).toEqual([address, address, address]);
    const info = await call('GET', `${TOKENS}endpoint-info?tenant_id=tnt_a`);
    for (const { last_ip } of info.body.authentication.recent_failures) {
      expect([null, 'fe80::1']).toContain(last_ip);
    }
  });
});

describe('A chain of proxies', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ env: { TRUST_PROXY: '127.0.0.0/8, 10.0.0.0/8, fd00::/8' } });
  });
  afterAll(() => app.close());

  it.each([
    ['203.0.113.7:51234, 10.0.0.2', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7:51234, 10.0.0.2:443', '203.0.113.7'],
    ['203.0.113.7, [fd00::2]:443, ::ffff:10.0.0.3', '203.0.113.7'],
    ['203.0.113.7, unknown, 10.0.0.2', null],
  ])('%s is looked through where each is believed, with its port', async (forwarded, address) => {
    const made = await app
      .as(superAdmin())
      .post(TOKENS)
      .set('X-Forwarded-For', forwarded)
      .send({ name: 'Okta', tenant_id: `tnt_${address}` })
      .expect(201);
    const { body } = await app.as(superAdmin()).get(`${TOKENS}${made.body.id}/events`);
    expect(body.items[0].ip).toBe(address);
  });

  it('is not believed where nobody is', async () => {
    expect(loadConfig({ NODE_ENV: 'test' }).http.trustProxy).toBe(false);
    const direct = await startTestApp({ databaseUrl: app.databaseUrl });
    const made = await direct
      .as(superAdmin())
      .post(TOKENS)
      .set('X-Forwarded-For', '203.0.113.7')
      .send({ name: 'Okta', tenant_id: 'tnt_direct' })
      .expect(201);
    const { body } = await direct.as(superAdmin()).get(`${TOKENS}${made.body.id}/events`);
    expect(body.items[0].ip).toBe('127.0.0.1');
    await direct.close();
  });
});
