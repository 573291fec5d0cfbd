import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Client as Database } from 'pg';
import request from 'supertest';
import { uuidOfToken } from '../support/access-tokens';
import { forge } from '../support/forge';
import { untilOneWaitsForALock } from '../support/lock-wait';
import { conformsToDocument } from '../support/conforms';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createTestDatabase } from '../support/test-database';
import { until } from '../support/until';

const TOKEN = '/api/v1/scim-tokens/oauth/token';
const METADATA = '/.well-known/oauth-authorization-server';
const FORM = 'application/x-www-form-urlencoded';
const NOBODY = `sct_${'0'.repeat(32)}`;

interface Client {
  readonly client_id: string;
  readonly client_secret: string;
}

interface Failure {
  readonly reason: string;
  readonly hint: string;
}

/** Creates a connection by client credentials. */
async function connect(app: TestApp, tenant_id: string, more: object = {}): Promise<Client> {
  const body = { name: 'x', tenant_id, auth_method: 'client_credentials', ...more };
  const made = await app.as(superAdmin()).post(TOKENS).send(body).expect(201);
  return made.body as Client;
}

/** Asks for an access token; what is undefined is not sent. */
const ask = (app: TestApp, fields: object, headers: Record<string, string> = {}) =>
  request(app.url)
    .post(TOKEN)
    .type('form')
    .set(headers)
    .send({ grant_type: 'client_credentials', ...fields })
    .expect(conformsToDocument)
    .expect(({ headers: sent }) => {
      expect([sent['cache-control'], sent.pragma]).toEqual(['no-store', 'no-cache']);
    });

const errorOf = ({ status, body }: request.Response) => [
  status,
  (body as { error?: string }).error,
];

describe('The token endpoint', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await startTestApp({
      env: { SCIM_TOKEN_USAGE_FLUSH_SECONDS: '1', CORS_ORIGINS: 'https://admin.example.com' },
    });
    client = await connect(app, 'tnt_a');
  });
  afterAll(() => app.close());

  /** Sends bytes as they are, of a length that is said before or not. */
  async function sendRaw(
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ): Promise<Record<'status' | 'error' | 'stored', unknown>> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method: 'POST', headers, agent: false };
      const sent = httpRequest(app.url + TOKEN, options, resolve).on('error', reject);
      if (headers['transfer-encoding'] !== undefined) sent.write(body ?? '');
      else sent.setHeader('content-length', Buffer.byteLength(body ?? ''));
      sent.end(headers['transfer-encoding'] === undefined ? body : undefined);
    });
    const { error } = JSON.parse(await textOf(answer)) as { error?: string };
    return { status: answer.statusCode, error, stored: answer.headers['cache-control'] };
  }

  const chunked = { 'transfer-encoding': 'chunked' };
  const grant = (): string =>
    `grant_type=client_credentials&client_id=${client.client_id}&client_secret=${client.client_secret}`;

  it.each([
    ['JSON', () => '{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }],
    ['broken JSON', () => '{', { 'content-type': 'application/json' }],
    ['a form in parts', grant, { 'content-type': 'multipart/form-data; boundary=x' }],
    ['text', grant, { 'content-type': 'text/plain' }],
    ['no content type', grant, {}],
    ['no body', () => undefined, { 'content-type': FORM }],
    ['nothing at all', () => undefined, {}],
    ['JSON in chunks', () => '{}', { 'content-type': 'application/json', ...chunked }],
    [
      'a compressed form',
      () => gzipSync(grant()),
      { 'content-type': FORM, 'content-encoding': 'gzip' },
    ],
    ['a wrong percent-encoding', () => `${grant()}&x=%zz`, { 'content-type': FORM }],
    ['bytes that are no UTF-8', () => Buffer.from([0x78, 0x3d, 0xff]), { 'content-type': FORM }],
  ] as [string, () => string | Buffer | undefined, Record<string, string>][])(
    'answers 400 invalid_request for %s',
    async (_, body, headers) => {
      expect(await sendRaw(body(), headers)).toEqual({
        status: 400,
        error: 'invalid_request',
        stored: 'no-store',
      });
    },
  );

  it('takes a form in chunks, and answers 413 for one that is too long, however it comes', async () => {
    const type = { 'content-type': FORM };
    expect(await sendRaw(grant(), { ...type, ...chunked })).toMatchObject({ status: 200 });
    const large = `${grant()}&x=${'y'.repeat(70_000)}`;
    const refusal = { status: 413, error: 'invalid_request', stored: 'no-store' };
    expect(await sendRaw(large, type)).toEqual(refusal);
    expect(await sendRaw(large, { ...type, ...chunked })).toEqual(refusal);
  });

  it('decides in order: body, query, grant, client, scope', async () => {
    const wrong = { client_id: NOBODY, client_secret: 'x', scope: 'none', grant_type: 'password' };
    const inQuery = request(app.url).post(`${TOKEN}?client_secret=x`).type('form').send(wrong);
    expect((await inQuery).body).toMatchObject({
      error: 'invalid_request',
      error_description: 'Parameters must not be in the URL',
    });
    expect(errorOf(await ask(app, wrong))).toEqual([400, 'unsupported_grant_type']);
    const granted = { ...wrong, grant_type: 'client_credentials' };
    expect(errorOf(await ask(app, granted))).toEqual([401, 'invalid_client']);
    const known = { ...client, scope: 'none' };
    expect(errorOf(await ask(app, known))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask(app, client))).toEqual([200, undefined]);
  });

  it('takes no other proof beside an assertion, nor one that only begins like it', async () => {
    const assertion = {
      client_id: client.client_id,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'x.y.z',
    };
    const { client_assertion_type: _, ...untyped } = assertion;
    const { client_assertion: __, ...empty } = assertion;
    const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
    for (const [fields, headers, error] of [
      [{ ...assertion, client_secret: client.client_secret }, {}, 'invalid_client'],
      [assertion, { authorization: `Basic ${basic}` }, 'invalid_client'],
      [assertion, { authorization: 'Bearer x' }, 'invalid_client'],
      [assertion, {}, 'invalid_client'],
      [untyped, {}, 'invalid_request'],
      [empty, {}, 'invalid_request'],
      [{ ...assertion, client_id: '' }, {}, 'invalid_request'],
      [client, { authorization: 'Bearer x' }, 'invalid_client'],
      [client, { authorization: 'Basic !' }, 'invalid_client'],
      [{ client_id: NOBODY }, { authorization: `Basic ${basic}` }, 'invalid_request'],
    ] as [object, Record<string, string>, string][]) {
      expect([fields, headers, (await ask(app, fields, headers)).body]).toEqual([
        fields,
        headers,
        expect.objectContaining({ error }),
      ]);
    }
  });

  it.each([
    'get',
    'put',
    'patch',
    'delete',
    'options',
    'head',
    'trace',
    'propfind',
    'mkcol',
  ] as const)('answers %s with 405', async (method) => {
    for (const path of [TOKEN, `${TOKEN}/`]) {
      const { status, headers } = await request(app.url)[method](path);
      expect([status, headers.allow, headers['cache-control'], headers.pragma]).toEqual([
        405,
        'POST',
        'no-store',
        'no-cache',
      ]);
    }
  });

  it('is not for scripts of other origins, whatever is for them', async () => {
    const origin = { origin: 'https://admin.example.com' };
    const preflight = { ...origin, 'access-control-request-method': 'POST' };
    const cors = (headers: object) =>
      Object.keys(headers).filter((name) => name.startsWith('access-control'));
    expect(cors((await request(app.url).options(TOKENS).set(preflight)).headers)).not.toEqual([]);
    for (const path of [TOKEN, `${TOKEN}/`]) {
      expect(cors((await request(app.url).options(path).set(preflight)).headers)).toEqual([]);
    }
    expect(cors((await ask(app, client, origin)).headers)).toEqual([]);
  });

  it('is described at the root', async () => {
    for (const path of [METADATA, `${METADATA}/`]) {
      const { status, body } = await request(app.url).get(path).expect(conformsToDocument);
      expect([status, body]).toEqual([
        200,
        {
          issuer: 'http://127.0.0.1:3000',
          token_endpoint: `http://127.0.0.1:3000${TOKEN}`,
          grant_types_supported: ['client_credentials'],
          token_endpoint_auth_methods_supported: [
            'client_secret_basic',
            'client_secret_post',
            'private_key_jwt',
          ],
          token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256'],
          response_types_supported: [],
          scopes_supported: ['users:read', 'users:write', 'groups:read', 'groups:write'],
        },
      ]);
    }
  });

  it('tells the administrators what to mend, and the caller nothing', async () => {
    const tenant = 'tnt_hints';
    const mine = await connect(app, tenant);
    const { client_id, client_secret } = mine;
    const bearer = await app.as(superAdmin()).post(TOKENS).send({ name: 'b', tenant_id: tenant });
    const { id, token } = bearer.body as { id: string; token: string };
    const answers = [
      await ask(app, { client_id, client_secret: forge(client_secret) }),
      await ask(app, { client_id, client_secret: `"${client_secret}"` }),
      await ask(app, { client_id }),
      await ask(app, { client_id: id, client_secret: token }),
      await ask(app, { client_id }, { authorization: 'Basic x' }),
    ];
    const { text } = answers[0]!;
    expect(answers.map((answer) => [answer.status, answer.text])).toEqual(
      answers.map(() => [401, text]),
    );
    await ask(app, { ...mine, scope: 'none' }).expect(400);
    await ask(app, { ...mine, grant_type: 'password' }).expect(400);
    await request(app.url).post(`${TOKEN}?client_id=x`).type('form').send(mine).expect(400);
    const wanted = [
      'The client secret is none of this client id',
      'The value is in quotes',
      'The token endpoint was asked without credentials',
      'The token endpoint was shown what this connection is not made for',
      'The token endpoint was asked for a scope',
      'The token endpoint was asked for another grant',
      'Credentials came in the URL',
    ];
    const told = async (): Promise<string[]> => {
      const path = `${TOKENS}endpoint-info?tenant_id=${tenant}`;
      const { body } = await app.as(superAdmin()).get(path);
      const { authentication } = body as { authentication: { recent_failures: Failure[] } };
      return authentication.recent_failures.map(({ hint }) => hint);
    };
    await until(async () => {
      const hints = await told();
      return wanted.every((start) => hints.some((hint) => hint.startsWith(start)));
    });
    const metrics = (await request(app.url).get('/metrics')).text;
    const series = 'scim_token_access_token_requests_total';
    expect(metrics).toContain(`${series}{result="refused",reason="wrong_secret"} 1`);
    expect(metrics).toMatch(new RegExp(`${series}\\{result="issued",reason=""\\} [1-9]`));
    const logs = app.logs();
    expect(logs).toContain('"hint":"credentials_in_url"');
    expect([client_secret, token, 'client_id=x'].filter((one) => logs.includes(one))).toEqual([]);
  });

  it('tells the administrators too whose client sends it all in the URL, or as JSON', async () => {
    const tenant = 'tnt_elsewhere';
    const { client_id, client_secret } = await connect(app, tenant);
    const sent = { grant_type: 'client_credentials', client_id, client_secret };
    const query = new URLSearchParams(sent).toString();
    await request(app.url).post(`${TOKEN}?${query}`).type('form').send('').expect(400);
    await request(app.url).post(TOKEN).send(sent).expect(400);
    await until(async () => {
      const path = `${TOKENS}endpoint-info?tenant_id=${tenant}`;
      const { body } = await app.as(superAdmin()).get(path);
      const { authentication } = body as { authentication: { recent_failures: Failure[] } };
      const hints = authentication.recent_failures.map(({ hint }) => hint).join();
      return hints.includes('Credentials came in the URL') && hints.includes('It takes a form');
    });
    expect(app.logs()).not.toContain(client_secret);
  });

  it('gives a client secret its MAC where the pepper came after it', async () => {
    const mine = await connect(app, 'tnt_pepper');
    const sql = new Database(app.databaseUrl);
    await sql.connect();
    const where = `WHERE tenant_id = 'tnt_pepper'`;
    const mac = async () =>
      (
        await sql.query<{ secret_mac: string | null }>(
          `SELECT secret_mac FROM scim_token_secrets ${where}`,
        )
      ).rows[0]?.secret_mac;
    const made = await mac();
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    await sql.query(`UPDATE scim_token_secrets SET secret_mac = NULL, pepper_id = NULL ${where}`);
    await ask(app, { ...mine, client_secret: forge(mine.client_secret) }).expect(401);
    expect(await mac()).toBeNull();
    await ask(app, mine).expect(200);
    await until(async () => (await mac()) === made);
    await sql.end();
  });

  it('lets no more than 50 access tokens of a connection live, however many are asked for at once', async () => {
    const mine = await connect(app, 'tnt_many');
    const sql = new Database(app.databaseUrl);
    await sql.connect();
    const all = await Promise.all(Array.from({ length: 80 }, () => ask(app, mine)));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    const { rows } = await sql.query(
      `SELECT count(*)::int AS live FROM scim_token_access_tokens WHERE tenant_id = 'tnt_many'`,
    );
    await sql.end();
    expect(rows).toEqual([{ live: 50 }]);
  });

  it('issues nothing for a token that ends while it is asked for', async () => {
    const mine = await connect(app, 'tnt_race');
    const sql = new Database(app.databaseUrl);
    await sql.connect();
    await sql.query('BEGIN');
    await sql.query(
      `UPDATE scim_tokens SET revoked_at = now(), version = version + 1 WHERE id = $1`,
      [uuidOfToken(mine.client_id)],
    );
    const asked = ask(app, mine).then(errorOf);
    await untilOneWaitsForALock(sql);
    await sql.query('COMMIT');
    expect(await asked).toEqual([401, 'invalid_client']);
    const { rows } = await sql.query(
      `SELECT 1 FROM scim_token_access_tokens WHERE tenant_id = 'tnt_race'`,
    );
    await sql.end();
    expect(rows).toEqual([]);
  });
});

it('The token endpoint bounds refusals by client and address, and access tokens by client', async () => {
  const app = await startTestApp({ env: { RATE_LIMIT_PER_MINUTE: '3', TRUST_PROXY: '1' } });
  try {
    const [client, other] = [await connect(app, 'tnt_a'), await connect(app, 'tnt_b')];
    const from = (ip: string, { client_id, client_secret }: Client) =>
      ask(app, { client_id, client_secret }, { 'x-forwarded-for': ip });
    const wrong = { ...client, client_secret: forge(client.client_secret) };
    const nobody = { ...wrong, client_id: NOBODY };
    for (const one of [wrong, nobody]) {
      const statuses = [];
      for (let turn = 0; turn < 5; turn++) statuses.push((await from('192.0.2.1', one)).status);
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
    }
    const limited = await from('192.0.2.1', wrong);
    expect([...errorOf(limited), limited.headers['retry-after']]).toEqual([
      429,
      'temporarily_unavailable',
      expect.stringMatching(/^\d+$/),
    ]);
    const wrongOther = { ...other, client_secret: forge(other.client_secret) };
    expect((await from('192.0.2.1', wrongOther)).status).toBe(401);
    expect((await from('192.0.2.2', wrong)).status).toBe(401);
    const issued = [];
    for (let turn = 0; turn < 61; turn++) issued.push((await from('192.0.2.1', client)).status);
    expect(issued).toEqual([...Array<number>(60).fill(200), 429]);
    const over = await from('192.0.2.9', client);
    expect([...errorOf(over), over.headers['retry-after']]).toEqual([
      429,
      'temporarily_unavailable',
      expect.stringMatching(/^\d+$/),
    ]);
    expect((await from('192.0.2.1', other)).status).toBe(200);
  } finally {
    await app.close();
  }
});

it('The token endpoint is not there where connections by OAuth are off', async () => {
  const app = await startTestApp({ env: { SCIM_OAUTH_ENABLED: 'false' } });
  try {
    for (const [method, path] of [
      ['post', TOKEN],
      ['get', TOKEN],
      ['get', METADATA],
      ['trace', TOKEN],
    ] as const) {
      const { status, body } = await request(app.url)[method](path);
      expect([path, status, body]).toEqual([path, 404, { detail: 'Not Found' }]);
    }
    const { paths } = (await request(app.url).get('/openapi.json')).body as { paths: object };
    expect(Object.keys(paths).filter((path) => path.includes('oauth'))).toEqual([]);
  } finally {
    await app.close();
  }
});

it('The token endpoint of another instance knows at once what ended, and its access tokens count here', async () => {
  const database = await createTestDatabase();
  const here = await startTestApp({ databaseUrl: database.url });
  const there = await startTestApp({ databaseUrl: database.url });
  try {
    const client = await connect(here, 'tnt_a');
    const { access_token: token } = (await ask(there, client)).body as { access_token: string };
    const introspect = (app: TestApp) =>
      app.as(superAdmin()).post('/api/v1/scim-tokens/introspect').type('form').send({ token });
    expect((await introspect(here)).body).toMatchObject({ active: true, tenant_id: 'tnt_a' });
    await here
      .as(superAdmin())
      .patch(TOKENS + client.client_id)
      .send({ enabled: false });
    expect(errorOf(await ask(there, client))).toEqual([401, 'invalid_client']);
    await here
      .as(superAdmin())
      .patch(TOKENS + client.client_id)
      .send({ enabled: true });
    expect(errorOf(await ask(there, client))).toEqual([200, undefined]);
    await here.as(superAdmin()).delete(TOKENS + client.client_id);
    expect(errorOf(await ask(there, client))).toEqual([401, 'invalid_client']);
  } finally {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  }
});
