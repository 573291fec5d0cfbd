import { Client as Database } from 'pg';
import { ScimTokenVerifier } from '../../src';
import { verifyAuditTrail } from '../../src/audit/verify-audit-trail';
import { uuidOf } from '../../src/core/token-id';
import { dataSourceOptions } from '../../src/database/data-source.options';
import { parseSecret } from '../../src/secrets/scim-token.secret';
import { DataSource } from 'typeorm';
import { issueAccessToken } from '../support/access-tokens';
import { DAY, MovingClock, SECOND } from '../support/moving-clock';
import {
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

const ENTRA = '0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e';
const APPLICATION = '6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69';
const TRUST = {
  issuer: `https://login.microsoftonline.com/${ENTRA}/v2.0`,
  subject: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  audience: `api://${APPLICATION}/.default`,
};
const SHOWN_TRUST = {
  ...TRUST,
  tenant_id: null,
  authorized_party: null,
  jwks_uri: `https://login.microsoftonline.com/${ENTRA}/discovery/v2.0/keys`,
  accepted_audiences: [
    APPLICATION,
    `api://${APPLICATION}`,
    `api://${APPLICATION}/scim.example.com`,
  ],
};
const STORED_TRUST = { ...TRUST, tenant_id: null, authorized_party: null };

const CLIENT = { name: 'PingOne', auth_method: 'client_credentials' };
const WORKLOAD = { name: 'Entra', auth_method: 'workload_identity', trust: TRUST };
const METHODS = {
  bearer: { name: 'Okta' },
  client_credentials: CLIENT,
  workload_identity: WORKLOAD,
};

interface Made {
  readonly id: string;
  readonly token?: string;
  readonly client_secret?: string;
  readonly [member: string]: unknown;
}

describe('A connection', () => {
  const clock = new MovingClock();
  let app: TestApp;
  let database: Database;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    app = await startTestApp({
      clock,
      env: { SCIM_BASE_URL_TEMPLATE: 'https://www.scim.example.com/{tenant_id}/v2' },
    });
    database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await app.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
  });

  const create = async (input: object): Promise<Made> =>
    (await admin.post(TOKENS).send(input).expect(201)).body as Made;
  const get = async ({ id }: Made): Promise<Record<string, unknown>> =>
    (await admin.get(TOKENS + id).expect(200)).body as Record<string, unknown>;
  const refusal = async (input: object, path = ''): Promise<unknown> => {
    const method = path === '' ? 'post' : 'patch';
    const { status, body } = await admin[method](TOKENS + path).send(input);
    return status === 422 ? (body as { detail: unknown }).detail : [status, body];
  };
  const secretsOf = async ({ id }: Made): Promise<Record<string, unknown>[]> =>
    (
      await database.query<Record<string, unknown>>(
        'SELECT * FROM scim_token_secrets WHERE token_id = $1',
        [uuidOf(id)],
      )
    ).rows;
  const entries = async (): Promise<{ type: string; changes: Record<string, unknown> }[]> =>
    (
      await database.query<{ type: string; changes: Record<string, unknown> }>(
        'SELECT type, changes FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq',
        [tenant],
      )
    ).rows;
  const error = (field: string | string[], type: string, msg: string) => ({
    loc: ['body', ...[field].flat()],
    msg,
    type,
  });
  const valueError = (field: string | string[], text: string) =>
    error(field, 'value_error', `Value error, ${text}`);

  describe('that is made', () => {
    it('proves itself by its value where nothing else is said', async () => {
      const made = await create({ name: 'Okta' });
      expect(made).toMatchObject({
        auth_method: 'bearer',
        client_id: null,
        access_token_ttl_seconds: null,
        trust: null,
      });
      expect(made.token).toMatch(/^scim_/);
      expect(made).not.toHaveProperty('client_secret');
    });

    it('by client credentials has its own id and a secret that is shown once', async () => {
      const response = await admin.post(TOKENS).send(CLIENT).expect(201);
      const { client_secret: secret, ...object } = response.body as Made;
      expect(response.headers['cache-control']).toBe('no-store');
      expect(object).not.toHaveProperty('token');
      expect(object).toMatchObject({
        auth_method: 'client_credentials',
        client_id: object.id,
        access_token_ttl_seconds: 3600,
        trust: null,
        token_prefix: secret?.slice(0, 17),
        last_four: secret?.slice(-4),
      });
      expect(parseSecret(String(secret))).not.toBeNull();
      expect(await get(object)).toEqual(object);
      const [stored] = await secretsOf(object);
      expect(stored).toMatchObject({ format: 'native', secret_hash: expect.any(String) });
      expect(app.logs()).not.toContain(parseSecret(String(secret))?.random);
    });

    it('by workload identity has no secret at all', async () => {
      const made = await create(WORKLOAD);
      expect(made).not.toHaveProperty('token');
      expect(made).not.toHaveProperty('client_secret');
      expect(made).toMatchObject({
        auth_method: 'workload_identity',
        client_id: made.id,
        access_token_ttl_seconds: 3600,
        trust: SHOWN_TRUST,
        token_prefix: null,
        last_four: null,
        expires_at: new Date(clock.now().getTime() + 365 * DAY).toISOString(),
      });
      expect(await secretsOf(made)).toEqual([]);
      expect(await get(made)).toEqual(made);
    });

    it('takes what else may be said of it', async () => {
      const trust = { ...TRUST, tenant_id: ENTRA, authorized_party: 'a'.repeat(512) };
      const made = await create({ ...WORKLOAD, trust, access_token_ttl_seconds: '21600' });
      expect(made).toMatchObject({
        access_token_ttl_seconds: 21_600,
        trust: { ...SHOWN_TRUST, ...trust },
      });
      // What follows from it is not asked for, and null is nothing said.
      await create({ ...CLIENT, trust: null, access_token_ttl_seconds: null });
      await create({
        name: 'a',
        auth_method: 'bearer',
        trust: null,
        access_token_ttl_seconds: null,
      });
      await create({ ...WORKLOAD, trust: { ...TRUST, tenant_id: null, authorized_party: null } });
    });

    it.each<[string, object, unknown[]]>([
      [
        'an unknown method',
        { auth_method: 'Bearer' },
        [
          error(
            'auth_method',
            'literal_error',
            "Input should be 'bearer', 'client_credentials' or 'workload_identity'",
          ),
        ],
      ],
      [
        'a method of null',
        { auth_method: null },
        [expect.objectContaining({ type: 'literal_error' })],
      ],
      [
        'an unknown method with a trust that is wrong in itself, and only that',
        { auth_method: 5, trust: [] },
        [
          expect.objectContaining({ loc: ['body', 'auth_method'] }),
          error('trust', 'dict_type', 'Input should be a valid dictionary'),
        ],
      ],
      ['trust for bearer', { trust: TRUST }, [valueError('trust', 'only for workload_identity')]],
      [
        'one that is no trust, too',
        { trust: 5 },
        [valueError('trust', 'only for workload_identity')],
      ],
      ['an empty one, too', { trust: {} }, [valueError('trust', 'only for workload_identity')]],
      [
        'trust for client credentials',
        { ...CLIENT, trust: TRUST },
        [valueError('trust', 'only for workload_identity')],
      ],
      [
        'a lifetime of access tokens for bearer',
        { access_token_ttl_seconds: 3600 },
        [
          valueError(
            'access_token_ttl_seconds',
            'only for client_credentials and workload_identity',
          ),
        ],
      ],
      [
        'a lifetime below an hour',
        { ...CLIENT, access_token_ttl_seconds: 3599 },
        [
          error(
            'access_token_ttl_seconds',
            'greater_than_equal',
            'Input should be greater than or equal to 3600',
          ),
        ],
      ],
      [
        'a lifetime over six',
        { ...CLIENT, access_token_ttl_seconds: 21_601 },
        [
          error(
            'access_token_ttl_seconds',
            'less_than_equal',
            'Input should be less than or equal to 21600',
          ),
        ],
      ],
      [
        'a lifetime that is no integer',
        { ...CLIENT, access_token_ttl_seconds: [] },
        [error('access_token_ttl_seconds', 'int_type', 'Input should be a valid integer')],
      ],
      [
        'an end of null for client credentials',
        { ...CLIENT, expires_at: null },
        [error('expires_at', 'datetime_type', 'Input should be a valid datetime')],
      ],
      [
        'no trust',
        { ...WORKLOAD, trust: undefined },
        [error('trust', 'missing', 'Field required')],
      ],
      [
        'a trust of null',
        { ...WORKLOAD, trust: null },
        [error('trust', 'missing', 'Field required')],
      ],
      [
        'a list for trust',
        { ...WORKLOAD, trust: [TRUST] },
        [error('trust', 'dict_type', 'Input should be a valid dictionary')],
      ],
      [
        'an empty trust',
        { ...WORKLOAD, trust: {} },
        ['issuer', 'subject', 'audience'].map((member) =>
          error(['trust', member], 'missing', 'Field required'),
        ),
      ],
      [
        'members of other kinds and lengths, each in its place, and unknown ones after them',
        {
          ...WORKLOAD,
          name: null,
          trust: {
            accepted_audiences: [],
            jwks_uri: 'https://attacker.example.com/keys',
            issuer: { a: 1 },
            subject: '',
            audience: 'a'.repeat(513),
            tenant_id: 5,
            authorized_party: 'a\0',
          },
          bogus: 1,
        },
        [
          error('name', 'string_type', 'Input should be a valid string'),
          error(['trust', 'issuer'], 'string_type', 'Input should be a valid string'),
          error(
            ['trust', 'subject'],
            'string_too_short',
            'String should have at least 1 character',
          ),
          error(
            ['trust', 'audience'],
            'string_too_long',
            'String should have at most 512 characters',
          ),
          error(['trust', 'tenant_id'], 'string_type', 'Input should be a valid string'),
          valueError(['trust', 'authorized_party'], 'must not contain NUL characters'),
          error(
            ['trust', 'accepted_audiences'],
            'extra_forbidden',
            'Extra inputs are not permitted',
          ),
          error(['trust', 'jwks_uri'], 'extra_forbidden', 'Extra inputs are not permitted'),
          error('bogus', 'extra_forbidden', 'Extra inputs are not permitted'),
        ],
      ],
      ...[
        'https://login.microsoftonline.com/common/v2.0',
        `https://login.microsoftonline.com/${ENTRA}/v2.0/`,
        `https://LOGIN.microsoftonline.com/${ENTRA}/v2.0`,
        `https://login.microsoftonline.com/${ENTRA.toUpperCase()}/v2.0`,
        'http://169.254.169.254/latest',
        'https://attacker.example.com',
      ].map((issuer): [string, object, unknown[]] => [
        `the issuer ${issuer}`,
        { ...WORKLOAD, trust: { ...TRUST, issuer } },
        [valueError(['trust', 'issuer'], 'issuer is not trusted here')],
      ]),
      [
        'a client id of its own',
        { ...CLIENT, client_id: 'mine', client_secret: 'mine' },
        ['client_id', 'client_secret'].map((member) =>
          error(member, 'extra_forbidden', 'Extra inputs are not permitted'),
        ),
      ],
    ])('is refused with %s', async (_, input, detail) => {
      expect(await refusal({ name: 'x', ...input })).toEqual(detail);
      expect((await admin.get(TOKENS)).body).toMatchObject({ total: 0 });
    });

    it('is refused by an import, whatever its method', async () => {
      const { body } = await app
        .as(superAdmin())
        .post(`${TOKENS}import`)
        .send({
          tenant_id: tenant,
          tokens: [{ name: 'x', sha256: 'a'.repeat(64), auth_method: 'bearer', trust: TRUST }],
        })
        .expect(200);
      expect(body).toMatchObject({ imported: 0, failed: 1 });
      expect((body as { results: { errors: object[] }[] }).results[0]?.errors).toEqual(
        ['auth_method', 'trust'].map((member) => ({
          loc: ['body', 'tokens', 0, member],
          msg: 'Extra inputs are not permitted',
          type: 'extra_forbidden',
        })),
      );
    });
  });

  describe('without an end', () => {
    it('is a workload identity alone', async () => {
      const made = await create({ ...WORKLOAD, expires_at: null });
      expect(made).toMatchObject({ expires_at: null, status: 'active' });
      clock.advance(3650 * DAY);
      expect(await get(made)).toMatchObject({ expires_at: null, status: 'active' });
      const dated = await create({ ...WORKLOAD, expires_at: null, expires_in_days: 30 });
      expect(dated.expires_at).toBe(new Date(clock.now().getTime() + 30 * DAY).toISOString());
      // For a value null is no choice, as ever.
      expect((await create({ name: 'x', expires_at: null })).expires_at).not.toBeNull();
    });

    it('comes and goes by a change, whatever time has passed', async () => {
      const made = await create(WORKLOAD);
      clock.advance(400 * DAY);
      expect(await get(made)).toMatchObject({ status: 'expired' });
      const endless = await admin
        .patch(TOKENS + made.id)
        .send({ expires_at: null })
        .expect(200);
      expect(endless.body).toMatchObject({ expires_at: null, status: 'active' });
      expect((await entries()).at(-1)).toEqual({
        type: 'scim_token.updated',
        changes: { expires_at: { from: made.expires_at, to: null } },
      });
      clock.advance(1000 * DAY);
      const dated = await admin
        .patch(TOKENS + made.id)
        .send({ expires_in_days: 730 })
        .expect(200);
      expect(dated.body).toMatchObject({ status: 'active' });
      expect(await refusal({ expires_in_days: 731 }, made.id)).toEqual([
        valueError('expires_in_days', 'must be at most 730 days ahead'),
      ]);
    });

    it('counts as active, where one is counted, filtered or has to have room', async () => {
      const small = app.as(tenantAdmin(tenant));
      for (let made = 0; made < 19; made++) await create({ ...WORKLOAD, expires_at: null });
      await create({ name: 'x', expires_in_days: 1 });
      const full = { detail: 'Tenant already has 20 active SCIM tokens' };
      expect((await small.post(TOKENS).send(WORKLOAD)).body).toEqual(full);
      const page = await admin.get(`${TOKENS}?status=active&sort=expires_at&per_page=1`);
      expect(page.body).toMatchObject({ total: 20, items: [{ name: 'x' }] });
      const { body } = await admin.get(`${TOKENS}endpoint-info`).expect(200);
      expect(body).toMatchObject({
        authentication: { active_tokens: 20, next_expiry: page.body.items[0].expires_at },
      });
    });

    it.each(['expires_at', '-expires_at'])(
      'has its place in a list by %s, page by page',
      async (sort) => {
        const made: Made[] = [];
        for (const input of [
          { name: 'a', expires_in_days: 2 },
          { ...WORKLOAD, expires_at: null },
          { name: 'b', expires_in_days: 1 },
          { ...WORKLOAD, expires_at: null },
          { name: 'c', expires_in_days: 3 },
          { ...WORKLOAD, expires_at: null },
        ]) {
          clock.advance(SECOND);
          made.push(await create(input));
        }
        const [two, never1, one, never2, three, never3] = made.map(({ id }) => id);
        const ascending = [one, two, three, never1, never2, never3];
        for (const perPage of [1, 2, 4]) {
          const found: string[] = [];
          let cursor: string | null = '';
          while (cursor !== null) {
            const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
            const { body } = await admin.get(`${TOKENS}?sort=${sort}&per_page=${perPage}${after}`);
            const page = body as { items: Made[]; next_cursor: string | null };
            found.push(...page.items.map(({ id }) => id));
            cursor = page.next_cursor;
          }
          expect(found).toEqual(sort === 'expires_at' ? ascending : ascending.toReversed());
        }
      },
    );
  });

  it('is found in a list by its method', async () => {
    for (const input of Object.values(METHODS)) await create(input);
    for (const [method, { name }] of Object.entries(METHODS)) {
      const { body } = await admin.get(`${TOKENS}?auth_method=${method}`).expect(200);
      expect(body).toMatchObject({ total: 1, items: [{ name, auth_method: method }] });
    }
    const { body } = await admin.get(`${TOKENS}?auth_method=oauth`).expect(422);
    expect(body).toEqual({
      detail: [
        {
          loc: ['query', 'auth_method'],
          msg: "Input should be 'bearer', 'client_credentials' or 'workload_identity'",
          type: 'literal_error',
        },
      ],
    });
  });

  describe('that is changed', () => {
    it('keeps its method', async () => {
      for (const input of Object.values(METHODS)) {
        const made = await create(input);
        expect(await refusal({ auth_method: made.auth_method }, made.id)).toEqual([
          error('auth_method', 'extra_forbidden', 'Extra inputs are not permitted'),
        ]);
      }
    });

    it('takes another trust as a whole, and those who came by the former one are out at once', async () => {
      const made = await create({ ...WORKLOAD, trust: { ...TRUST, tenant_id: ENTRA } });
      const other = await create(WORKLOAD);
      const verifier = app.provider(ScimTokenVerifier);
      const verify = (value: string) => verifier.verify(value, { tenantId: tenant });
      const [ended, kept] = [
        await issueAccessToken(database, made.id, { issuedAt: clock.now() }),
        await issueAccessToken(database, other.id, { issuedAt: clock.now() }),
      ];
      await verify(ended);

      const trust = { ...TRUST, subject: 'another' };
      const { body } = await admin
        .patch(TOKENS + made.id)
        .send({ trust })
        .expect(200);
      expect(body).toMatchObject({ trust: { ...SHOWN_TRUST, subject: 'another' } });
      await expect(verify(ended)).rejects.toMatchObject({ reason: 'unknown' });
      expect(await verify(kept)).toMatchObject({ tenantId: tenant });
      expect((await entries()).at(-1)).toEqual({
        type: 'scim_token.updated',
        changes: {
          trust: {
            from: { ...STORED_TRUST, tenant_id: ENTRA },
            to: { ...STORED_TRUST, subject: 'another' },
          },
        },
      });
    });

    it('leaves no trace and ends nothing where the trust is the same', async () => {
      const made = await create(WORKLOAD);
      const value = await issueAccessToken(database, made.id, { issuedAt: clock.now() });
      const { subject, ...rest } = TRUST;
      const same = { ...rest, tenant_id: null, subject };
      const { body } = await admin
        .patch(TOKENS + made.id)
        .send({ trust: same })
        .expect(200);
      expect(body).toEqual(made);
      expect(await entries()).toHaveLength(1);
      await app.provider(ScimTokenVerifier).verify(value, { tenantId: tenant });
    });

    it('keeps its access tokens where anything else changes, the lifetime of new ones, too', async () => {
      const made = await create(CLIENT);
      const value = await issueAccessToken(database, made.id, { issuedAt: clock.now() });
      const change = { access_token_ttl_seconds: 7200, name: 'y' };
      const { body } = await admin
        .patch(TOKENS + made.id)
        .send(change)
        .expect(200);
      expect(body).toMatchObject(change);
      await app.provider(ScimTokenVerifier).verify(value, { tenantId: tenant });
      expect((await entries()).at(-1)?.changes).toMatchObject({
        access_token_ttl_seconds: { from: 3600, to: 7200 },
      });
    });

    it('is told of all at once that is not for its method', async () => {
      const bearer = await create(METHODS.bearer);
      const wrong = { expires_at: null, access_token_ttl_seconds: 3600, trust: TRUST };
      const noEnd = error('expires_at', 'datetime_type', 'Input should be a valid datetime');
      const noTrust = valueError('trust', 'only for workload_identity');
      expect(await refusal(wrong, bearer.id)).toEqual([
        noEnd,
        valueError('access_token_ttl_seconds', 'only for client_credentials and workload_identity'),
        noTrust,
      ]);
      const client = await create(CLIENT);
      expect(await refusal(wrong, client.id)).toEqual([noEnd, noTrust]);
      for (const made of [bearer, client])
        expect(await get(made)).toMatchObject({ status: 'active' });
      expect(await entries()).toHaveLength(2);
    });

    it.each<[string, object, unknown[]]>([
      [
        'a trust of null',
        { trust: null },
        [error('trust', 'dict_type', 'Input should be a valid dictionary')],
      ],
      [
        'a part of a trust',
        { trust: { subject: 'x' } },
        ['issuer', 'audience'].map((member) =>
          error(['trust', member], 'missing', 'Field required'),
        ),
      ],
      [
        'an issuer that is not trusted',
        { trust: { ...TRUST, issuer: 'https://attacker.example.com' } },
        [valueError(['trust', 'issuer'], 'issuer is not trusted here')],
      ],
      [
        'what follows from a trust',
        { trust: SHOWN_TRUST },
        ['jwks_uri', 'accepted_audiences'].map((member) =>
          error(['trust', member], 'extra_forbidden', 'Extra inputs are not permitted'),
        ),
      ],
      [
        'a lifetime of null',
        { access_token_ttl_seconds: null },
        [error('access_token_ttl_seconds', 'int_type', 'Input should be a valid integer')],
      ],
    ])('is refused with %s, and stays as it is', async (_, input, detail) => {
      const made = await create(WORKLOAD);
      expect(await refusal(input, made.id)).toEqual(detail);
      expect(await get(made)).toEqual(made);
    });

    it('says that it was changed, or revoked, before it looks at what is asked for', async () => {
      const made = await create(CLIENT);
      const stale = await admin
        .patch(TOKENS + made.id)
        .set('If-Match', '"9"')
        .send({ trust: TRUST });
      expect(stale.status).toBe(412);
      await admin.delete(TOKENS + made.id).expect(204);
      expect(await refusal({ trust: TRUST }, made.id)).toEqual([
        409,
        { detail: 'SCIM token is revoked' },
      ]);
    });
  });

  describe('that is rotated', () => {
    it('by client credentials has a second secret beside the first', async () => {
      const made = await create({ ...CLIENT, access_token_ttl_seconds: 7200 });
      const { body } = await admin.post(`${TOKENS}${made.id}/rotate`).expect(201);
      const rotated = body as Made & { rotation: { previous_last_four: string } };
      expect(rotated).not.toHaveProperty('token');
      expect(rotated).toMatchObject({
        id: made.id,
        client_id: made.id,
        auth_method: 'client_credentials',
        access_token_ttl_seconds: 7200,
        rotation: { previous_last_four: made.last_four },
      });
      expect(rotated.client_secret).not.toBe(made.client_secret);
      expect(await secretsOf(made)).toHaveLength(2);
    });

    it('by workload identity is a conflict, and no hash is made', async () => {
      const made = await create(WORKLOAD);
      const path = `${TOKENS}${made.id}/rotat`;
      const { body } = await admin.post(`${path}e`).expect(409);
      expect(body).toEqual({ detail: 'SCIM token has no secret to rotate' });
      const nothing = { detail: 'SCIM token is not being rotated' };
      expect((await admin.post(`${path}ion/complete`).expect(409)).body).toEqual(nothing);
      expect((await admin.delete(`${path}ion`).expect(409)).body).toEqual(nothing);
      expect(await secretsOf(made)).toEqual([]);
      await admin.delete(TOKENS + made.id).expect(204);
      const revoked = await admin.post(`${path}e`).expect(409);
      expect(revoked.body).toEqual({ detail: 'SCIM token is revoked' });
      expect((await app.as(tenantAdmin('tnt_other')).post(`${path}e`)).status).toBe(404);
    });
  });

  describe('in the audit trail', () => {
    let sql: DataSource;

    beforeAll(async () => {
      sql = await new DataSource(
        dataSourceOptions({ url: app.databaseUrl, schema: 'public', poolMax: 1 }),
      ).initialize();
    });
    afterAll(() => sql.destroy());

    const differing = async (): Promise<unknown> => {
      for await (const { broken, differs } of verifyAuditTrail(sql, { tenantId: tenant })) {
        expect(broken).toBeNull();
        if (differs) return [differs.kind, differs.field];
      }
      return undefined;
    };

    it('is told with its method and whom it trusts', async () => {
      for (const input of Object.values(METHODS)) await create(input);
      const created = (await entries()).map(({ changes }) => changes);
      expect(created[0]).toMatchObject({ auth_method: { from: null, to: 'bearer' } });
      expect(created[0]).not.toHaveProperty('trust');
      expect(created[1]).toMatchObject({ auth_method: { from: null, to: 'client_credentials' } });
      expect(created[2]).toMatchObject({
        auth_method: { from: null, to: 'workload_identity' },
        access_token_ttl_seconds: { from: null, to: 3600 },
        trust: { from: null, to: STORED_TRUST },
      });
      expect(created[2]).not.toHaveProperty('token_prefix');
    });

    it.each([
      ['nothing', 'name = name', undefined],
      ['another subject', `trust = jsonb_set(trust, '{subject}', '"mallory"')`, 'trust'],
      ['another lifetime', 'access_token_ttl_seconds = 21600', 'access_token_ttl_seconds'],
      ['another method', `auth_method = 'client_credentials', trust = NULL`, 'auth_method'],
      ['an end', `expires_at = now()`, 'expires_at'],
    ])('shows who wrote %s into the row', async (_, assignment, field) => {
      const endless = field === 'expires_at' && { expires_at: null };
      const made = await create({ ...WORKLOAD, ...endless });
      await admin
        .patch(TOKENS + made.id)
        .send({ trust: { ...TRUST, subject: 'bob' } })
        .expect(200);
      await create(CLIENT);
      await sql.query(`UPDATE scim_tokens SET ${assignment} WHERE id = $1`, [uuidOf(made.id)]);
      expect(await differing()).toEqual(field && ['row_altered', field]);
    });

    it('shows who gave a workload identity a secret', async () => {
      const made = await create(WORKLOAD);
      const donor = await create(METHODS.bearer);
      await sql.query(
        `INSERT INTO scim_token_secrets (tenant_id, id, token_id, format, lookup_id, secret_hash, created_at)
         SELECT tenant_id, gen_random_uuid(), $1, format, 'AAAAAAAAAAAA', secret_hash, created_at
         FROM scim_token_secrets WHERE token_id = $2`,
        [uuidOf(made.id), uuidOf(donor.id)],
      );
      expect(await differing()).toEqual(['row_altered', 'secrets']);
    });
  });

  describe('where OAuth is switched off', () => {
    it('can only be one by value', async () => {
      const off = await startTestApp({ env: { SCIM_OAUTH_ENABLED: 'false' } });
      const root = off.as(superAdmin());
      const make = (input: object) => root.post(TOKENS).send({ ...input, tenant_id: 'tnt_a' });
      await make(METHODS.bearer).expect(201);
      const isOff = valueError('auth_method', 'OAuth is switched off here');
      expect((await make(CLIENT).expect(422)).body).toEqual({ detail: [isOff] });
      expect((await make(WORKLOAD).expect(422)).body).toMatchObject({
        detail: [isOff, valueError(['trust', 'issuer'], 'issuer is not trusted here')],
      });
      await off.close();
    });
  });
});
