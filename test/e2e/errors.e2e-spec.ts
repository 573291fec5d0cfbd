import { connect } from 'node:net';
import request from 'supertest';
import {
  mintJwt,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type TestApp,
} from '../support/test-app';

describe('Errors', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each([
    '/',
    '/nope',
    '/api/v1/admin/scim-tokens/a/b',
    '/api/v1/admin/scim-token',
    '//',
    '/API/v1/admin/scim-tokens/',
  ])('answers 404 for the path %s before looking at anything else', async (path) => {
    const response = await request(app.url).get(path);
    expect([response.status, response.body]).toEqual([404, { detail: 'Not Found' }]);
    expect(response.headers['x-request-id']).toMatch(/^[\w.-]{1,128}$/);
    expect(response.headers['x-powered-by']).toBeUndefined();
  });

  it.each([
    ['put', TOKENS, 'GET, HEAD, POST'],
    ['delete', TOKENS, 'GET, HEAD, POST'],
    ['post', `${TOKENS}endpoint-info`, 'DELETE, GET, HEAD, PATCH'],
    ['post', `${TOKENS}sct_x`, 'DELETE, GET, HEAD, PATCH'],
    ['options', TOKENS, 'GET, HEAD, POST'],
    ['post', '/health/live', 'GET, HEAD'],
  ] as const)('answers 405 for %s %s with Allow', async (method, path, allow) => {
    const response = await request(app.url)[method](path);
    expect([response.status, response.body]).toEqual([405, { detail: 'Method Not Allowed' }]);
    expect(response.headers.allow).toBe(allow);
  });

  it('serves each path with and without its trailing slash, without a redirect', async () => {
    const admin = app.as(tenantAdmin());
    for (const path of [TOKENS, `${TOKENS}endpoint-info`]) {
      expect((await admin.get(path)).status).toBe(200);
      const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
      expect((await admin.get(other)).status).toBe(200);
    }
  });

  it('answers HEAD as GET, without a body', async () => {
    const response = await app.as(tenantAdmin()).head(TOKENS);
    expect(response.status).toBe(200);
    expect(Number(response.headers['content-length'])).toBeGreaterThan(10);
  });

  it('decides a body over the limit after the route and before the JWT', async () => {
    const body = { name: 'x'.repeat(70_000) };
    const large = await request(app.url).post(TOKENS).send(body);
    expect([large.status, large.body]).toEqual([413, { detail: 'Request body too large' }]);
    expect((await request(app.url).post('/nope').send(body)).status).toBe(404);
    expect((await request(app.url).put(TOKENS).send(body)).status).toBe(405);
  });

  it('notes a chunked body over the limit, too', async () => {
    const call = request(app.url).post(TOKENS).set('Content-Type', 'application/json');
    call.write('"' + 'x'.repeat(40_000));
    call.write('x'.repeat(40_000) + '"');
    expect((await call).status).toBe(413);
  });

  it('takes a body of exactly the limit', async () => {
    const body = `{"name":"${'x'.repeat(65_536 - 11)}"}`;
    const response = await app.as(tenantAdmin()).post(TOKENS).type('json').send(body);
    expect(response.status).toBe(422);
  });

  it('keeps the order: role, tenant, content encoding, validation, existence', async () => {
    const gzip = (jwt: string, body: object) =>
      app.as(jwt).post(TOKENS).set('Content-Encoding', 'gzip').send(body);
    expect((await gzip(mintJwt({ role: 'x' }), {})).status).toBe(403);
    expect((await gzip(tenantAdmin('tnt_a'), { tenant_id: 'tnt_b' })).status).toBe(403);
    const encoded = await gzip(tenantAdmin(), { name: 5 });
    expect([encoded.status, encoded.body]).toEqual([
      415,
      { detail: 'Unsupported content encoding' },
    ]);
    const unknown = app.as(superAdmin()).patch(`${TOKENS}sct_unknown`);
    expect((await unknown.send({ name: '' })).status).toBe(422);
    const identity = app.as(tenantAdmin()).post(TOKENS).set('Content-Encoding', 'identity');
    expect((await identity.send({ name: '' })).status).toBe(422);
  });

  it('says so when the body is not UTF-8', async () => {
    const response = await app
      .as(tenantAdmin())
      .post(TOKENS)
      .type('json')
      .serialize((bytes: unknown) => bytes as string)
      .send(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) as never);
    expect([response.status, response.body]).toEqual([
      400,
      { detail: 'There was an error parsing the body' },
    ]);
  });

  it.each([
    ['a NUL', 'a\0b', 'value_error', 'Value error, must not contain NUL characters'],
    [
      'a lone surrogate',
      '\ud800',
      'string_unicode',
      'Input should be a valid string, unable to parse raw data as a unicode string',
    ],
  ])('refuses %s in a name', async (_, name, type, msg) => {
    const response = await app.as(tenantAdmin()).post(TOKENS).send({ name });
    expect(response.body).toEqual({ detail: [{ loc: ['body', 'name'], msg, type }] });
  });

  it('echoes a well-formed request id and replaces any other', async () => {
    const get = (id: string) => request(app.url).get('/health/live').set('x-request-id', id);
    expect((await get('abc-1.2_X')).headers['x-request-id']).toBe('abc-1.2_X');
    for (const bad of ['a b', 'x'.repeat(129), 'ä']) {
      expect((await get(encodeURI(bad) === bad ? bad : 'ü')).headers['x-request-id']).toMatch(
        /^[0-9a-f-]{36}$/,
      );
    }
  });

  it.each([
    ['no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['an unknown version', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['NULs', '\0\0\0\0', 400],
    ['a control character in the path', 'GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    [
      'two lengths',
      `POST ${TOKENS} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
      400,
    ],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers broken HTTP (%s) as any other error', async (_, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/^x-request-id: [\w-]+\r$/im);
    expect(answer).toMatch(/\r\n\r\n\{"detail":"[\w ]+"\}$/);
    expect((await request(app.url).get('/health/live')).status).toBe(200);
  });

  it('answers a broken HEAD without a body, which its client would take for another answer', async () => {
    const answer = await raw('HEAD /\x01 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  it('passes over an expectation it does not know', async () => {
    expect(
      await raw(
        'GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: more\r\nConnection: close\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*x-request-id/);
  });

  async function raw(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1').setEncoding('latin1');
    socket.write(bytes, 'latin1');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  it('logs one line a request: who, which tenant, route, status, and no credential', async () => {
    const jwt = tenantAdmin('tnt_log');
    await app.as(jwt).get(`${TOKENS}?q=secret-query`).set('x-request-id', 'find-me');
    const value = `scim_${'a'.repeat(12)}_${'b'.repeat(38)}`;
    await app.as(jwt).get(TOKENS + value);
    const line = app
      .logs()
      .split('\n')
      .find((text) => text.includes('find-me'));
    expect(JSON.parse(line!)).toMatchObject({
      request_id: 'find-me',
      sub: 'admin@example.com',
      tenant: 'tnt_log',
      status: 200,
      method: 'GET',
    });
    for (const secret of [jwt, value, 'secret-query']) expect(app.logs()).not.toContain(secret);
  });
});

describe('Rate limits', () => {
  it('stop a subject, and tell when to come back', async () => {
    const app = await startTestApp({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    try {
      const one = app.as(mintJwt({ sub: 'one', role: 'super_admin' }));
      for (let i = 0; i < 3; i++) expect((await one.get(TOKENS)).status).toBe(200);
      const response = await one.get(TOKENS);
      expect([response.status, response.body]).toEqual([429, { detail: 'Too Many Requests' }]);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      expect((await app.as(mintJwt({ sub: 'two', role: 'super_admin' })).get(TOKENS)).status).toBe(
        200,
      );
    } finally {
      await app.close();
    }
  });

  it('refuse an address more failures, and nobody who is good behind it', async () => {
    const app = await startTestApp({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    const revoke = (token: string) =>
      request(app.url).post('/api/v1/scim-tokens/revoke').type('form').send({ token });
    try {
      for (let i = 0; i < 3; i++) expect((await app.as('bad').get(TOKENS)).status).toBe(401);
      for (const call of [app.as('bad').get(TOKENS), request(app.url).get(TOKENS)]) {
        const { status, body, headers } = await call;
        expect([status, body]).toEqual([429, { detail: 'Too Many Requests' }]);
        expect(Number(headers['retry-after'])).toBeGreaterThan(50);
        expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
      }
      expect((await app.as(superAdmin()).get(TOKENS)).status).toBe(200);
      // Of an authenticated caller that is refused, too: it is no failure to authenticate.
      expect((await app.as(mintJwt({ role: 'viewer' })).get(TOKENS)).status).toBe(403);
      // What others hand in elsewhere has a count of its own.
      for (let i = 0; i < 3; i++) expect((await revoke('nonsense')).status).toBe(200);
      expect((await revoke('nonsense')).status).toBe(429);
      expect((await request(app.url).get('/health/live')).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});
