import { request } from 'node:http';
import { loadConfig } from '../../src/service/config/config';
import { ProxiedRequestGuard } from '../../src/scim-guard/proxy/proxied-request.guard';
import { UsageWriter } from '../../src/usage/usage-writer';
import { startScimHost } from '../support/scim-host';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

const PATH = '/api/v1/scim-tokens/verify';
const SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';
const ENV = { SCIM_VERIFY_SECRET: SECRET, SCIM_VERIFY_URI_HEADER: 'x-original-uri' };

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends headers as they are, repeated ones too. */
function send(url: string, headers: string[], method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers: [...headers, 'Host', 'x'], agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (data: Buffer) => chunks.push(data));
        answer.once('end', () => {
          const { statusCode = 0 } = answer;
          resolve({
            status: statusCode,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

const uri = (tenant: string, rest = '/Users') => `/api/v1/tenants/${tenant}/scim/v2${rest}`;

describe('Verification for reverse proxies', () => {
  let app: TestApp;
  let token: string;
  let id: string;
  beforeAll(async () => {
    app = await startTestApp({ env: ENV });
    ({ token, id } = await create({}));
  });
  afterAll(() => app.close());

  const create = async (fields: object): Promise<{ id: string; token: string }> => {
    const body = { name: 'Okta', tenant_id: 'tnt_a', ...fields };
    return (await app.as(superAdmin()).post(TOKENS).send(body)).body as {
      id: string;
      token: string;
    };
  };
  const verify = (
    { target = uri('tnt_a'), value = token }: { target?: string; value?: string } = {},
    query = '',
    more: string[] = [],
  ) =>
    send(`${app.url}${PATH}${query}`, [
      ...['X-Scim-Verify-Secret', SECRET, 'X-Original-URI', target],
      ...['Authorization', `Bearer ${value}`, ...more],
    ]);

  it('answers the identity of a good token in headers', async () => {
    const answer = await verify(
      { target: uri('tnt%5Fa', '/Users?filter=x') },
      '?scope=users:write',
    );
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers).toMatchObject({
      'x-scim-tenant-id': 'tnt_a',
      'x-scim-token-id': id,
      'x-scim-scopes': 'users:read users:write groups:read groups:write',
      'cache-control': 'no-store',
    });
  });

  it('lets a remembered token pass at once', async () => {
    const { token: value } = await create({});
    const canActivate = jest.spyOn(ProxiedRequestGuard.prototype, 'canActivate');
    for (const _ of [1, 2]) expect((await verify({ value })).status).toBe(204);
    const [first, second] = canActivate.mock.results.map((result) => result.value as unknown);
    canActivate.mockRestore();
    expect([await first, second]).toEqual([true, true]);
    expect(first).toBeInstanceOf(Promise);
  });

  it('refuses in one way, and never reads a tenant from elsewhere', async () => {
    const foreign = [
      'X-Scim-Tenant-Id',
      'tnt_a',
      'X-Tenant-Id',
      'tnt_a',
      'X-Forwarded-Uri',
      uri('tnt_a'),
    ];
    const answers = await Promise.all([
      verify({ value: 'x' }),
      verify({ value: '' }),
      verify({ target: uri('tnt_b') }, '', foreign),
      verify({ target: uri('tnt_a', '//Users') }),
      verify({ target: uri('tnt_a', '/../../../tnt_b/scim/v2/Users') }),
      verify({ target: uri('tnt%255Fa') }),
      verify({ target: '/elsewhere' }, `?scope=users:read`),
    ]);
    for (const { headers } of answers) {
      delete headers.date;
      delete headers['x-request-id'];
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="SCIM", error="invalid_token"' },
    });
  });

  it('takes a slash at the end of the path, as SCIM servers do', async () => {
    for (const rest of ['/Users/?filter=x', '/Groups/', '/']) {
      expect((await verify({ target: uri('tnt_a', rest) }, '?scope=users:read')).status).toBe(204);
    }
    expect((await verify({ target: uri('tnt_a', '/Users//') })).status).toBe(401);
  });

  it("tells the tenant's administrators what was refused for its path", async () => {
    const seen = async (): Promise<unknown> => {
      await app.get(UsageWriter).flush();
      const { body } = await app.as(superAdmin()).get(`${TOKENS}endpoint-info?tenant_id=tnt_path`);
      return (body as { authentication: { recent_failures: unknown } }).authentication
        .recent_failures;
    };
    await create({ tenant_id: 'tnt_path' });
    expect(await seen()).toEqual([]);
    await verify({ target: uri('tnt_path', '//Users') });
    await verify({ target: uri('tnt_path', '/Users%2Fx') });
    await verify({ target: '/elsewhere' });
    expect(await seen()).toMatchObject([
      { count: 2, reason: 'malformed', hint: expect.stringContaining('base URL') },
    ]);
  });

  it('answers a missing scope with 403', async () => {
    const narrow = await create({ scopes: ['users:read'] });
    expect((await verify({ value: narrow.token }, '?scope=users:read')).status).toBe(204);
    const answer = await verify({ value: narrow.token }, '?scope=users:read&scope=users:write');
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toContain('scope="users:read users:write"');
  });

  it('answers 503 where the proxy is not set up right, with one line in the log', async () => {
    const good = ['X-Original-URI', uri('tnt_a'), 'Authorization', `Bearer ${token}`];
    const secret = ['X-Scim-Verify-Secret', SECRET];
    const wrong: [string[], string?][] = [
      [good],
      [[...good, 'X-Scim-Verify-Secret', `${SECRET}x`]],
      [[...good, ...secret, ...secret]],
      [['Authorization', `Bearer ${token}`, ...secret]],
      [['Authorization', `Bearer ${token}`, ...secret, 'X-Forwarded-Uri', uri('tnt_a')]],
      [[...good, ...secret, 'x-original-uri', uri('tnt_a')]],
      [[...good, ...secret], '?scope='],
      [[...good, ...secret], '?scope=users:all'],
      [[...good, ...secret], '?scopes=users:read'],
    ];
    for (const [headers, query = ''] of wrong) {
      const answer = await send(`${app.url}${PATH}${query}`, headers);
      expect([query, answer.status, answer.headers['retry-after']]).toEqual([query, 503, '30']);
    }
    expect(app.logs().match(/Verification for reverse proxies/g)).toHaveLength(1);
    expect(app.logs()).not.toContain(SECRET);
  });

  it('answers HEAD as GET', async () => {
    const headers = ['X-Scim-Verify-Secret', SECRET, 'X-Original-URI', uri('tnt_a')];
    const answer = await send(
      `${app.url}${PATH}`,
      [...headers, 'Authorization', `Bearer ${token}`],
      'HEAD',
    );
    expect(answer.status).toBe(204);
  });
});

describe('A host with a guarded route beside it', () => {
  it('refuses in the same way there, in body and headers', async () => {
    const host = await startScimHost({ env: ENV });
    const headers = ['X-Scim-Verify-Secret', SECRET, 'X-Original-URI', uri('tnt_a')];
    for (const bearer of [[], ['Authorization', 'Bearer x']]) {
      const proxied = await send(`${host.url}${PATH}`, [...headers, ...bearer]);
      const guarded = await send(`${host.url}/tenants/tnt_a/scim/v2/Users`, bearer);
      for (const answer of [proxied, guarded]) {
        delete answer.headers.date;
        delete answer.headers['x-request-id'];
      }
      expect(guarded.status).toBe(401);
      expect(proxied).toEqual(guarded);
    }
    await host.close();
  });
});

describe('A service that is not set up for proxies', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('has no such route', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const unknown = await send(`${app.url}/api/v1/scim-tokens/nothing`, [], method);
      const answer = await send(`${app.url}${PATH}`, [], method);
      for (const { headers } of [answer, unknown]) {
        delete headers.date;
        delete headers['x-request-id'];
      }
      expect(answer).toEqual(unknown);
      expect(answer).toMatchObject({ status: 404, body: '{"detail":"Not Found"}' });
    }
  });

  it.each([
    [{ SCIM_VERIFY_SECRET: SECRET }, 'SCIM_VERIFY_URI_HEADER is needed too'],
    [{ SCIM_VERIFY_URI_HEADER: 'X-Original-URI' }, 'SCIM_VERIFY_SECRET is needed too'],
    [{ ...ENV, SCIM_VERIFY_SECRET: 'short' }, 'at least 32 bytes'],
    [{ ...ENV, SCIM_VERIFY_URI_HEADER: 'X-Uri' }, 'X-Original-URI or X-Forwarded-Uri'],
    [
      { ...ENV, SCIM_BASE_URL_TEMPLATE: 'https://{tenant_id}.x.com/scim' },
      '{tenant_id} in its path',
    ],
  ])('does not start with %j', (env, problem) => {
    expect(() => loadConfig({ NODE_ENV: 'test', ...env })).toThrow(problem);
  });
});
