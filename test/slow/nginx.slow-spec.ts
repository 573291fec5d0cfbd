import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startScimHost } from '../support/scim-host';
import { startService, type ServiceProcess } from '../support/service-process';
import { clientOf, JWT_SECRET, superAdmin, TOKENS } from '../support/test-app';
import { createTestDatabase, databaseVariables, type TestDatabase } from '../support/test-database';
import { Nginx } from './support/nginx';

const SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';
const SCIM_JSON = 'application/scim+json; charset=utf-8';
const BASE = '/api/v1/tenants/tnt_a/scim/v2';
const UNAVAILABLE =
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"503","detail":"Service temporarily unavailable"}';
const FORBIDDEN =
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"403","detail":"The SCIM token lacks a scope that this request needs"}';

interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: string;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Names of the headers as sent: repeated ones are there twice. */
  names: string[];
  body: string;
}

interface Call {
  value?: string | null;
  method?: string;
  headers?: string[];
  body?: string;
  through?: Nginx;
  /** The client's own address. */
  from?: string;
}

describe('The nginx configuration of the guide', () => {
  let database: TestDatabase;
  let service: ServiceProcess;
  let scimServer: Server;
  let nginx: Nginx;
  let good: { id: string; token: string };
  let received: Received[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startVerification();
    scimServer = createServer((message, response) => {
      const chunks: Buffer[] = [];
      message.on('data', (data: Buffer) => chunks.push(data));
      message.once('end', () => {
        const { method = '', url = '', headers, rawHeaders } = message;
        const body = Buffer.concat(chunks).toString();
        received.push({ method, url, headers, rawHeaders, body });
        response.writeHead(200, { 'content-type': 'application/scim+json' }).end('{"from":"scim"}');
      });
    }).listen(0, '127.0.0.1');
    await once(scimServer, 'listening');
    nginx = await startNginx(SECRET);
    good = await create({});
  });
  afterAll(async () => {
    await nginx.end();
    scimServer.close();
    if (service.child.exitCode === null) await service.end('SIGTERM');
    await database.drop();
  });
  beforeEach(() => {
    received = [];
  });

  const startVerification = () =>
    startService({
      ...databaseVariables(database.url),
      NODE_ENV: 'test',
      JWT_SECRET,
      SCIM_VERIFY_SECRET: SECRET,
      SCIM_VERIFY_URI_HEADER: 'X-Original-URI',
      TRUST_PROXY: '1',
    });
  const startNginx = (secret: string) =>
    Nginx.start({
      service: new URL(service.url).host,
      scimServer: `127.0.0.1:${(scimServer.address() as AddressInfo).port}`,
      secret,
    });
  const create = async (fields: object): Promise<{ id: string; token: string }> =>
    (
      await clientOf(service.url, superAdmin())
        .post(TOKENS)
        .send({ name: 'Okta', tenant_id: 'tnt_a', ...fields })
        .expect(201)
    ).body as { id: string; token: string };

  /** Sends path and headers as they are. */
  const send = (path: string, call: Call = {}): Promise<Answer> => {
    const { value = good.token, method = 'GET', headers = [], body = '', through = nginx } = call;
    const { from = '127.0.0.1' } = call;
    return new Promise((resolve, reject) => {
      const fields = ['Host', 'scim.example.com', 'User-Agent', 'Okta SCIM Client', ...headers];
      if (value !== null) fields.push('Authorization', `Bearer ${value}`);
      if (body !== '') fields.push('Content-Length', String(Buffer.byteLength(body)));
      const { port } = through;
      const sent = request(
        {
          host: '127.0.0.1',
          localAddress: from,
          port,
          path,
          method,
          headers: fields,
          agent: false,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (data: Buffer) => chunks.push(data));
          answer.once('error', reject);
          answer.once('end', () => {
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              names: answer.rawHeaders.filter((_, i) => i % 2 === 0).map((n) => n.toLowerCase()),
              body: Buffer.concat(chunks).toString(),
            });
          });
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  };
  const expectRefused = (answer: Answer): void => {
    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'content-type': SCIM_JSON,
        'www-authenticate': 'Bearer realm="SCIM", error="invalid_token"',
      },
    });
    expect(answer.names.filter((name) => name === 'www-authenticate')).toHaveLength(1);
    expect(received).toEqual([]);
  };
  const expectUnavailable = (answer: Answer): void => {
    expect(answer).toMatchObject({
      status: 503,
      body: UNAVAILABLE,
      headers: { 'content-type': SCIM_JSON, 'retry-after': '30' },
    });
    expect(received).toEqual([]);
  };

  it('lets a good token pass, with its identity, the path as sent and the body', async () => {
    const path = `${BASE}/Users?filter=userName%20eq%20%22a//b%22`;
    const answer = await send(path, { method: 'POST', body: '{"userName":"a"}' });
    expect(answer).toMatchObject({ status: 200, body: '{"from":"scim"}' });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: path,
      body: '{"userName":"a"}',
      headers: {
        'x-scim-tenant-id': 'tnt_a',
        'x-scim-token-id': good.id,
        'x-scim-scopes': 'users:read users:write groups:read groups:write',
        'x-forwarded-for': '127.0.0.1',
        'user-agent': 'Okta SCIM Client',
      },
    });
    expect(received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('passes on none of the headers that a client has no business to send', async () => {
    const spoofed = [
      ...[
        'X-Scim-Tenant-Id',
        'spoofed',
        'x-scim-tenant-id',
        'spoofed',
        'X_Scim_Tenant_Id',
        'spoofed',
      ],
      ...[
        'X-Scim-Token-Id',
        'spoofed',
        'X-Scim-Scopes',
        'spoofed',
        'X-Scim-Verify-Secret',
        'spoofed',
      ],
      ...['X-Original-URI', 'spoofed', 'X-Forwarded-Uri', 'spoofed', 'X-Forwarded-For', 'spoofed'],
      ...['X-HTTP-Method-Override', 'spoofed', 'Connection', 'X-Scim-Tenant-Id'],
    ];
    expect((await send(`${BASE}/Users`, { headers: spoofed })).status).toBe(200);
    expect(JSON.stringify(received)).not.toContain('spoofed');
    expect(JSON.stringify(received)).not.toContain(SECRET);
    expect(received[0]?.headers).toMatchObject({
      'x-scim-tenant-id': 'tnt_a',
      'x-scim-token-id': good.id,
    });
    for (const name of ['x-scim-verify-secret', 'x-original-uri', 'x-forwarded-uri']) {
      expect(received[0]?.headers).not.toHaveProperty(name);
    }
  });

  it("checks the real path, with the proxy's own secret, whatever the client sends", async () => {
    const headers = ['X-Original-URI', `${BASE}/Users`, 'X-Scim-Tenant-Id', 'tnt_a'];
    expectRefused(await send('/api/v1/tenants/tnt_b/scim/v2/Users', { headers }));
    const wrongSecret = ['X-Scim-Verify-Secret', 'wrong', 'X-Scim-Verify-Secret', 'wrong too'];
    expect((await send(`${BASE}/Users`, { headers: wrongSecret })).status).toBe(200);
  });

  it("holds a token to its networks by the client's address, not by what the client says", async () => {
    const elsewhere = await create({ tenant_id: 'tnt_ip', allowed_ips: ['203.0.113.0/24'] });
    const here = await create({ tenant_id: 'tnt_ip', allowed_ips: ['127.0.0.2/32'] });
    const path = '/api/v1/tenants/tnt_ip/scim/v2/Users';
    const headers = ['X-Forwarded-For', '203.0.113.5'];
    expectRefused(await send(path, { value: elsewhere.token, headers }));
    expectRefused(
      await send(path, { value: here.token, headers: ['X-Forwarded-For', '127.0.0.2'] }),
    );
    const answer = await send(path, { value: here.token, headers, from: '127.0.0.2' });
    expect(answer.status).toBe(200);
    expect(received[0]?.headers['x-forwarded-for']).toBe('127.0.0.2');
  });

  it.each(['/api/v1/tenants/tnt_b/scim/v2/Users', '/api/v1/tenants/tnt%5Fb/scim/v2/Users'])(
    'refuses a token on the route of another tenant: %s',
    async (path) => {
      expectRefused(await send(path));
    },
  );

  it.each([
    '/api/v1/tenants/tnt%5Fa/scim/v2/Users',
    '/api/v1/tenants/tnt%5fa/scim/v2/%55sers/x%20y',
  ])('takes an encoded path and passes it on as sent: %s', async (path) => {
    expect((await send(path)).status).toBe(200);
    expect(received[0]).toMatchObject({ url: path, headers: { 'x-scim-tenant-id': 'tnt_a' } });
  });

  it.each([
    `${BASE}//Users`,
    '/api/v1/tenants//tnt_a/scim/v2/Users',
    `${BASE}/./Users`,
    `${BASE}/%2e/Users`,
    `${BASE}/../v2/Users`,
    `${BASE}/../../../tnt_b/scim/v2/Users`,
    `/api/v1/tenants/tnt_b/scim/v2/../../../tnt_a/scim/v2/Users`,
    `${BASE}/%2e%2E/Users`,
    `${BASE}/Users%2F1`,
    '/api/v1/tenants/tnt_a%2Fscim/v2/Users',
    `${BASE}/Users%255F`,
    `${BASE}/Users%3Bx`,
    `${BASE}/Users;x`,
    `${BASE}/Users%5C1`,
    `${BASE}/Users%0A`,
  ])('refuses a path that can be read in two ways: %s', async (path) => {
    expectRefused(await send(path));
  });

  it.each([
    ['POST', '/Users', 'users:write'],
    ['DELETE', '/Users/1', 'users:write'],
    ['PATCH', '/%55sers/1', 'users:write'],
    ['GET', '/Groups', 'groups:read'],
    ['PUT', '/Groups/1.html', 'groups:write'],
    ['GET', '/users', 'users:read users:write groups:read groups:write'],
    ['POST', '/Bulk', 'users:read users:write groups:read groups:write'],
  ])('answers 403 to %s %s where the token lacks a scope', async (method, path, scope) => {
    const narrow = await narrowToken();
    const answer = await send(BASE + path, { method, value: narrow, body: '{}' });
    expect(answer).toMatchObject({
      status: 403,
      body: FORBIDDEN,
      headers: {
        'content-type': SCIM_JSON,
        'www-authenticate': `Bearer realm="SCIM", error="insufficient_scope", scope="${scope}"`,
      },
    });
    expect(answer.names.filter((name) => name === 'www-authenticate')).toHaveLength(1);
    expect(received).toEqual([]);
  });

  it.each([
    ['GET', '/Users'],
    ['GET', '/Users/1'],
    ['POST', '/Users/.search'],
    ['GET', '/ServiceProviderConfig'],
    ['GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'],
  ])('lets %s %s pass where the token has the scope', async (method, path) => {
    const answer = await send(BASE + path, { method, value: await narrowToken(), body: '{}' });
    expect(answer.status).toBe(200);
    expect(received[0]?.headers['x-scim-scopes']).toBe('users:read');
  });

  let narrow: Promise<string> | undefined;
  const narrowToken = (): Promise<string> =>
    (narrow ??= create({ scopes: ['users:read'] }).then(({ token }) => token));

  it('answers a missing token as ScimTokenGuard does, byte for byte', async () => {
    const host = await startScimHost({ databaseUrl: database.url });
    const guarded = await fetch(`${host.url}/tenants/tnt_a/scim/v2/Users`);
    const expected = {
      status: guarded.status,
      body: await guarded.text(),
      headers: {
        'content-type': guarded.headers.get('content-type'),
        'www-authenticate': guarded.headers.get('www-authenticate'),
      },
    };
    await host.close();
    for (const path of ['/Users', '/Users/x.html']) {
      for (const value of [null, '', 'x']) {
        const answer = await send(BASE + path, { value });
        expectRefused(answer);
        expect(answer).toMatchObject(expected);
      }
    }
  });

  it('answers 503 with Retry-After when the secret is wrong, also to a bad token', async () => {
    const wrong = await startNginx(`${SECRET}x`);
    try {
      expectUnavailable(await send(`${BASE}/Users`, { through: wrong }));
      expectUnavailable(await send(`${BASE}/Users/x.html`, { through: wrong, value: 'x' }));
    } finally {
      await wrong.end();
    }
  });

  it('answers 503 with Retry-After while the service is stopped, never 401', async () => {
    expect(await service.end('SIGTERM')).toBe(0);
    expectUnavailable(await send(`${BASE}/Users`));
    expectUnavailable(await send(`${BASE}/Users`, { value: null }));
    expectUnavailable(await send(`${BASE}/Users`, { method: 'POST', body: '{}' }));
  });
});
