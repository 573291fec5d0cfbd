import { Client } from 'pg';
import { BcryptQueue } from '../../src/secrets/bcrypt-queue';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { mintSecret } from '../../src/secrets/scim-token.secret';
import { mintJwt, startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { forge } from '../support/forge';

const PATH = '/api/v1/scim-tokens/introspect';
const SCOPE = 'scim:introspect';

describe('Introspection', () => {
  let app: TestApp;
  const made: Record<string, { id: string; token: string }> = {};
  beforeAll(async () => {
    app = await startTestApp({
      env: { RATE_LIMIT_PER_MINUTE: '20' },
      directory: new FileTenantDirectory([
        { id: 'tnt_a', partner_id: 'prt_1' },
        { id: 'tnt_b', partner_id: 'prt_1' },
        { id: 'tnt_c' },
      ]),
    });
    for (const tenant_id of ['tnt_a', 'tnt_b', 'tnt_c'])
      made[tenant_id] = await create({ tenant_id });
  });
  afterAll(() => app.close());

  const create = async (fields: object): Promise<{ id: string; token: string }> => {
    const answer = await app
      .as(superAdmin())
      .post(TOKENS)
      .send({ name: 'Okta', ...fields });
    expect(answer.status).toBe(201);
    return answer.body as { id: string; token: string };
  };
  const server = mintJwt({ scope: SCOPE, sub: 'resource-server' });
  const ask = (fields: Record<string, string>, jwt = server) =>
    app.as(jwt).post(PATH).type('form').send(fields);
  const active = async (fields: Record<string, string>, jwt = server): Promise<unknown> => {
    const answer = await ask(fields, jwt);
    expect(answer.status).toBe(200);
    if (answer.body.active !== true) expect(answer.text).toBe('{"active":false}');
    return answer.body.active;
  };

  it('tells a resource server whose a good token is', async () => {
    const { id, token } = made.tnt_a!;
    const answer = await ask({ token });
    expect(answer.headers['cache-control']).toBe('no-store');
    const now = Date.now() / 1000;
    expect(answer.body).toEqual({
      active: true,
      tenant_id: 'tnt_a',
      scope: 'users:read users:write groups:read groups:write',
      token_id: id,
      token_type: 'scim',
      iat: expect.any(Number),
      exp: expect.any(Number),
      sub: id,
    });
    expect(Math.abs(answer.body.iat - now)).toBeLessThan(60);
    expect(answer.body.exp - answer.body.iat).toBe(365 * 86_400);
  });

  it('answers nothing but inactive for whatever text is none of ours', async () => {
    const { token } = made.tnt_a!;
    const texts = [
      '',
      ' ',
      'x',
      '\0',
      `${token} `,
      `Bearer ${token}`,
      'ü'.repeat(9_000),
      mintSecret('scim').value,
    ];
    for (const text of texts) expect(await active({ token: text })).toBe(false);
  });

  it('binds the token to tenant, address and scopes where they are named', async () => {
    const { token } = await create({
      tenant_id: 'tnt_a',
      scopes: ['users:read'],
      allowed_ips: ['203.0.113.0/24'],
    });
    const ip = '203.0.113.7';
    expect(await active({ token, ip, tenant_id: 'tnt_a', scope: 'users:read' })).toBe(true);
    expect(await active({ token, ip: `::ffff:${ip}` })).toBe(true);
    expect(await active({ token })).toBe(false);
    expect(await active({ token, ip: '203.0.114.7' })).toBe(false);
    expect(await active({ token, ip, tenant_id: 'tnt_b' })).toBe(false);
    expect(await active({ token, ip, scope: 'users:read users:write' })).toBe(false);
    expect(await active({ token, ip, scope: 'users:everything' })).toBe(false);
  });

  it('hears of a revocation before its answer, with and without the cache', async () => {
    const { id, token } = await create({ tenant_id: 'tnt_a' });
    expect(await active({ token })).toBe(true);
    await app.as(superAdmin()).delete(`${TOKENS}${id}`).expect(204);
    expect(await active({ token })).toBe(false);
    const fresh = await ask({ token }).set('Cache-Control', 'no-cache');
    expect(fresh.text).toBe('{"active":false}');
  });

  it('answers each caller for its own tenants', async () => {
    const admin = (claims: object) => mintJwt({ scope: SCOPE, ...claims });
    const callers: [string, string[]][] = [
      [superAdmin(), ['tnt_a', 'tnt_b', 'tnt_c']],
      [
        mintJwt({ platform_token: true, scope: 'admin:read', role: 'x' }),
        ['tnt_a', 'tnt_b', 'tnt_c'],
      ],
      [server, ['tnt_a', 'tnt_b', 'tnt_c']],
      [admin({ role: 'partner_admin', partner_id: 'prt_1' }), ['tnt_a', 'tnt_b']],
      [admin({ role: 'partner_admin', partner_id: 'prt_2' }), []],
      [admin({ role: 'tenant_admin', tenant_id: 'tnt_b' }), ['tnt_b']],
    ];
    for (const [jwt, own] of callers) {
      for (const [tenant_id, { token }] of Object.entries(made)) {
        expect(await active({ token }, jwt)).toBe(own.includes(tenant_id));
        expect(await active({ token, tenant_id }, jwt)).toBe(own.includes(tenant_id));
      }
    }
  });

  it('refuses callers that are none', async () => {
    const { token } = made.tnt_a!;
    const refused: Record<string, unknown>[] = [
      { role: 'tenant_admin', tenant_id: 'tnt_a' },
      {},
      { scope: 'scim:introspection' },
      { scope: SCOPE, role: 'auditor' },
      { scope: SCOPE, role: null },
      { scope: SCOPE, role: 'tenant_admin' },
      { scope: SCOPE, role: 'partner_admin', partner_id: 5 },
      { scope: [SCOPE] },
      { platform_token: true, scope: 'users:read' },
      { platform_token: 'true', scope: SCOPE },
    ];
    for (const claims of refused) {
      expect([claims, (await ask({ token }, mintJwt(claims))).status]).toEqual([claims, 403]);
    }
  });

  it('says what is wrong with the form', async () => {
    const post = (body: string, type = 'application/x-www-form-urlencoded; charset=utf-8') =>
      app.as(server).post(PATH).set('Content-Type', type).send(body);
    expect((await post('token=x', 'application/json')).status).toBe(415);
    expect((await post('token=x', 'text/plain')).body).toEqual({
      detail: 'Unsupported content type',
    });
    const wrong: [string, string, string][] = [
      ['tenant_id=tnt_a', 'token', 'missing'],
      ['token=a&token=b', 'token', 'string_type'],
      ['token=a&tenant_id=', 'tenant_id', 'string_too_short'],
      ['token=a&tenant_id=%00', 'tenant_id', 'value_error'],
      [`token=a&tenant_id=${'x'.repeat(256)}`, 'tenant_id', 'string_too_long'],
      ['token=a&ip=somewhere', 'ip', 'ip_any_address'],
      ['token=a&user_agent=%00', 'user_agent', 'value_error'],
      ['token=a&scope=', 'scope', 'string_too_short'],
    ];
    for (const [body, field, type] of wrong) {
      const answer = await post(body);
      expect([body, answer.status]).toEqual([body, 422]);
      expect(answer.body.detail).toEqual([{ loc: ['body', field], msg: expect.any(String), type }]);
    }
    expect((await app.as(server).post(PATH)).body.detail[0].type).toBe('missing');
    expect((await post('token=a&token_type_hint=access_token')).text).toBe('{"active":false}');
  });

  it('is not bound by the rate of an administrator', async () => {
    const { token } = made.tnt_a!;
    for (let round = 0; round < 30; round++) expect(await active({ token })).toBe(true);
  });

  it('answers 429 to one who fails where too many did, and goes on to serve a good one', async () => {
    const { token } = made.tnt_a!;
    for (let failures = 0; failures < 20; failures++) {
      expect((await ask({ token }, 'x.y.z')).status).toBe(401);
    }
    const answer = await ask({ token }, 'x.y.z');
    expect(answer.status).toBe(429);
    expect(answer.body).toEqual({ detail: 'Too Many Requests' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await active({ token })).toBe(true);
  });
});

describe('Introspection of a token without a MAC that is known', () => {
  let app: TestApp;
  let token: string;
  let sql: Client;
  let bcrypts: jest.SpyInstance;
  beforeAll(async () => {
    // Checks that wait for one another take their time.
    app = await startTestApp({ env: { SCIM_TOKEN_BCRYPT_COST: '10' } });
    sql = new Client(app.databaseUrl);
    await sql.connect();
    bcrypts = jest.spyOn(BcryptQueue.prototype, 'check');
    const fields = { name: 'Okta', tenant_id: 'tnt_a' };
    const answer = await app.as(superAdmin()).post(TOKENS).send(fields).expect(201);
    token = answer.body.token as string;
    // As after the loss of a pepper: bcrypt decides.
    await sql.query(`UPDATE scim_token_secrets SET pepper_id = '0000000000000000'`);
  });
  afterAll(async () => {
    bcrypts.mockRestore();
    await sql.end();
    await app.close();
  });
  beforeEach(() => bcrypts.mockClear());

  const ask = (value: string) =>
    app.as(superAdmin()).post(PATH).type('form').send({ token: value });
  const askAnew = (value: string) => ask(value).set('Cache-Control', 'max-age=0, No-Cache');

  it('asks the database where the caller takes no remembered answer', async () => {
    expect((await ask(token)).body.active).toBe(true);
    // Behind the service's back: nobody is told.
    await sql.query('UPDATE scim_tokens SET enabled = false');
    expect((await ask(token)).body.active).toBe(true);
    expect((await askAnew(token)).body).toEqual({ active: false });
    await sql.query('UPDATE scim_tokens SET enabled = true');
    expect((await askAnew(token)).body.active).toBe(true);
    expect(bcrypts).toHaveBeenCalledTimes(1);
  });

  it('makes one bcrypt of a wrong value, however often it is asked anew', async () => {
    const forged = forge(token);
    for (let times = 0; times < 3; times++) {
      expect((await askAnew(forged)).text).toBe('{"active":false}');
    }
    expect(bcrypts).toHaveBeenCalledTimes(1);
  });

  it('answers 503 and when to come back where too many checks wait', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(forge(token))));
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    for (const { body, headers } of busy) {
      expect(body).toEqual({ detail: 'Service temporarily unavailable' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    const checked = answers.filter(({ status }) => status === 200);
    expect(checked.length + busy.length).toBe(12);
    for (const { text } of checked) expect(text).toBe('{"active":false}');
    expect((await ask(token)).body.active).toBe(true);
  });
});
