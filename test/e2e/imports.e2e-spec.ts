import { createHash, randomBytes } from 'node:crypto';
import { Client as Database } from 'pg';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { ScimTokenVerifier } from '../../src/verification/scim-token.verifier';
import {
  mintJwt,
  partnerAdmin,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';
import { untilOneWaitsForALock } from '../support/lock-wait';
import { until } from '../support/until';

interface Result {
  index: number;
  id?: string;
  errors?: { loc: (string | number)[]; msg: string; type: string }[];
}

const IMPORT = `${TOKENS}import`;
const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
const foreign = (): string => `legacy.${randomBytes(24).toString('base64url')}`;

describe('An import', () => {
  let app: TestApp;
  let directory: FileTenantDirectory;
  let sql: Database;
  let root: Client;
  let verifier: ScimTokenVerifier;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    const ids = Array.from({ length: 30 }, (_, n) => ({ id: `tnt_${n}`, partner_id: 'prt_1' }));
    directory = new FileTenantDirectory([
      ...ids,
      { id: 'tnt_small', max_active: 2 },
      { id: 'tnt_large', max_active: 25 },
      { id: 'tnt_holder' },
    ]);
    app = await startTestApp({ directory });
    sql = new Database({ connectionString: app.databaseUrl });
    await sql.connect();
    root = app.as(superAdmin());
    verifier = app.get(ScimTokenVerifier);
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
  });

  const send = async (...tokens: unknown[]): Promise<Result[]> => {
    const { status, body } = await root.post(IMPORT).send({ tenant_id: tenant, tokens });
    expect(status).toBe(200);
    const results = body.results as Result[];
    expect(body.imported).toBe(results.filter(({ id }) => id !== undefined).length);
    expect(body.failed).toBe(results.filter(({ errors }) => errors !== undefined).length);
    expect(results.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));
    return results;
  };
  /** Holds what an import of this digest holds until it commits; of all where none is given. */
  const lock = (digest = '') =>
    sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `imports into "public"."scim_token_secrets"${digest}`,
    ]);
  const refusal = (value: string): Promise<string> =>
    verifier.verify(value, { tenantId: tenant }).then(
      () => 'accepted',
      (error: unknown) => (error as { reason: string }).reason,
    );

  it('stores a MAC of each digest, so that no other digest can take its place in the row', async () => {
    const [value, planted, before] = [foreign(), foreign(), foreign()];
    await send({ sha256: sha256(value), name: 'Okta' }, { sha256: sha256(before), name: 'Entra' });
    const row = async (digest: string) =>
      (
        await sql.query<{ secret_mac: string | null; pepper_id: string | null }>(
          'SELECT secret_mac, pepper_id FROM scim_token_secrets WHERE lookup_id = $1',
          [digest],
        )
      ).rows[0];
    const stored = await row(sha256(value));
    expect(stored).toMatchObject({ secret_mac: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(stored?.secret_mac).not.toBe(sha256(value));
    expect(await refusal(value)).toBe('accepted');

    await sql.query('UPDATE scim_token_secrets SET lookup_id = $2 WHERE lookup_id = $1', [
      sha256(value),
      sha256(planted),
    ]);
    expect(await refusal(planted)).toBe('mismatch');

    // One imported before there was a pepper is taken by its digest, and has a MAC from then on.
    await sql.query(
      'UPDATE scim_token_secrets SET secret_mac = NULL, pepper_id = NULL WHERE lookup_id = $1',
      [sha256(before)],
    );
    expect(await refusal(before)).toBe('accepted');
    await until(async () => (await row(sha256(before)))?.pepper_id === stored?.pepper_id);
  });

  it('makes a token of each digest, with what was given and the usual defaults', async () => {
    const value = foreign();
    const [first, second] = await send(
      {
        sha256: sha256(value).toUpperCase(),
        name: 'Okta',
        description: 'old',
        scopes: ['users:read'],
        allowed_ips: ['10.0.0.1'],
        expires_in_days: 30,
        token_prefix: 'legacy.',
        last_four: value.slice(-4),
      },
      { sha256: sha256(foreign()), name: 'Entra' },
    );
    const { body } = await app.as(tenantAdmin(tenant)).get(TOKENS + first!.id!);
    expect(body).toMatchObject({
      tenant_id: tenant,
      name: 'Okta',
      description: 'old',
      scopes: ['users:read'],
      allowed_ips: ['10.0.0.1/32'],
      token_prefix: 'legacy.',
      last_four: value.slice(-4),
      status: 'active',
      created_by: 'admin@example.com',
    });
    expect((await root.get(TOKENS + second!.id!)).body).toMatchObject({
      token_prefix: null,
      last_four: null,
      scopes: ['users:read', 'users:write', 'groups:read', 'groups:write'],
    });
    expect((await root.get(`${TOKENS}?tenant_id=${tenant}`)).body.total).toBe(2);
    const events = await root.get(`${TOKENS}events?tenant_id=${tenant}`);
    expect(events.body.items[1]).toMatchObject({
      type: 'scim_token.created',
      token_id: first!.id,
      changes: { format: { from: null, to: 'sha256' }, name: { from: null, to: 'Okta' } },
    });
    expect(JSON.stringify([events.body, body]) + app.logs()).not.toContain(sha256(value));
  });

  it('lets its values pass at once, and only with every check that others have', async () => {
    const value = foreign();
    expect(await refusal(value)).toBe('malformed');
    const [{ id } = { id: '' }] = await send({ sha256: sha256(value), name: 'x' });
    const accepted = await verifier.verify(value, { tenantId: tenant, scopes: ['users:read'] });
    expect(accepted).toMatchObject({ tokenId: id, tenantId: tenant });
    expect(await refusal(`${value}x`)).toBe('malformed');
    expect(await refusal(sha256(value))).toBe('malformed');
    const elsewhere = verifier.verify(value, { tenantId: 'tnt_other' });
    await expect(elsewhere).rejects.toMatchObject({ reason: 'tenant_mismatch' });
    await root.patch(TOKENS + id!).send({ enabled: false });
    expect(await refusal(value)).toBe('disabled');
    await root.delete(TOKENS + id!);
    expect(await refusal(value)).toBe('revoked');
  });

  it('leaves values of our own form to their own lookup first', async () => {
    const { body } = await root.post(TOKENS).send({ tenant_id: tenant, name: 'ours' });
    const [{ id } = { id: '' }] = await send({ sha256: sha256(body.token), name: 'taken' });
    const accepted = await verifier.verify(body.token, { tenantId: tenant });
    expect(accepted.tokenId).toBe(body.id);
    // A value of our form that another installation minted is found by its digest.
    const own = await root.post(TOKENS).send({ tenant_id: tenant, name: 'minted elsewhere' });
    await sql.query('DELETE FROM scim_tokens WHERE name = $1', ['minted elsewhere']);
    const [moved] = await send({ sha256: sha256(own.body.token), name: 'moved' });
    expect((await verifier.verify(own.body.token, { tenantId: tenant })).tokenId).toBe(moved!.id);
    expect(id).toBeDefined();
  });

  it("takes no other tenant's token away, though its value was imported", async () => {
    const { body } = await root.post(TOKENS).send({ tenant_id: 'tnt_holder', name: 'theirs' });
    await send({ sha256: sha256(body.token), name: 'taken' });
    // It knows that there are imports.
    expect(await refusal(foreign())).toBe('malformed');
    for (let round = 0; round < 2; round++) {
      expect(await refusal(body.token)).toBe('tenant_mismatch');
      const accepted = await verifier.verify(body.token, { tenantId: 'tnt_holder' });
      expect(accepted.tokenId).toBe(body.id);
    }
  });

  it('says of each row what is wrong with it, and imports the others', async () => {
    const digest = sha256(foreign());
    const row = { sha256: digest, name: 'x' };
    const results = await send(
      row,
      row,
      { ...row, sha256: sha256(foreign()), extra: 1, scopes: [], name: '' },
      { name: 'x' },
      'text',
      null,
      { sha256: 'abc', name: 'a\0' },
      { sha256: sha256(foreign()), name: 'x', expires_at: '2000-01-01T00:00:00Z' },
      { sha256: sha256(foreign()), name: 'x', expires_in_days: 731, last_four: '12345' },
      {
        sha256: sha256(foreign()),
        name: 'y',
        expires_in_days: 1,
        expires_at: '2027-01-01T00:00:00Z',
      },
    );
    const flat = results.map(({ errors }) =>
      errors?.map(({ loc, type }) => `${loc.join('.')} ${type}`),
    );
    expect(flat).toEqual([
      undefined,
      ['body.tokens.1.sha256 value_error'],
      [
        'body.tokens.2.name string_too_short',
        'body.tokens.2.scopes too_short',
        'body.tokens.2.extra extra_forbidden',
      ],
      ['body.tokens.3.sha256 missing'],
      ['body.tokens.4 dict_type'],
      ['body.tokens.5 missing'],
      ['body.tokens.6.sha256 string_pattern_mismatch', 'body.tokens.6.name value_error'],
      ['body.tokens.7.expires_at datetime_future'],
      ['body.tokens.8.expires_in_days value_error', 'body.tokens.8.last_four string_too_long'],
      ['body.tokens.9 value_error'],
    ]);
    expect(JSON.stringify(results)).not.toContain(digest);
    const [known] = await send(row);
    expect(known!.errors![0]!.loc).toEqual(['body', 'tokens', 0, 'sha256']);
    expect((await root.get(`${TOKENS}?tenant_id=${tenant}`)).body.total).toBe(1);
  });

  it('stops at the cap, row by row', async () => {
    const rows = Array.from({ length: 22 }, () => ({ sha256: sha256(foreign()), name: 'x' }));
    const results = await send(...rows);
    expect(results.filter(({ id }) => id)).toHaveLength(20);
    expect(results[20]!.errors).toEqual([
      {
        loc: ['body', 'tokens', 20],
        msg: 'Value error, tenant already has 20 active SCIM tokens',
        type: 'value_error',
      },
    ]);
    const create = await root.post(TOKENS).send({ tenant_id: tenant, name: 'x' });
    expect(create.status).toBe(409);
  });

  it.each([
    ['tnt_small', 2],
    ['tnt_large', 25],
  ])('stops at the number that %s has of its own', async (own, most) => {
    tenant = own;
    const rows = Array.from({ length: 26 }, () => ({ sha256: sha256(foreign()), name: 'x' }));
    const results = await send(...rows);
    expect(results.filter(({ id }) => id)).toHaveLength(most);
    expect(results[most]!.errors![0]!.msg).toBe(
      `Value error, tenant already has ${most} active SCIM tokens`,
    );
    expect((await root.get(`${TOKENS}?tenant_id=${tenant}`)).body.total).toBe(most);
  });

  it('takes a thousand rows in one request and no more', async () => {
    const wide = await startTestApp({
      databaseUrl: app.databaseUrl,
      env: { SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '100000' },
    });
    const rows = Array.from({ length: 1000 }, (_, n) => ({
      sha256: sha256(foreign()),
      name: `Imported ${n}`,
      description: 'd'.repeat(100),
    }));
    const admin = wide.as(superAdmin());
    const { status, body } = await admin.post(IMPORT).send({ tenant_id: tenant, tokens: rows });
    expect([status, body.imported, body.failed]).toEqual([200, 1000, 0]);
    expect((await admin.get(`${TOKENS}?tenant_id=${tenant}`)).body.total).toBe(1000);
    for (const [tokens, type] of [
      [[...rows, rows[0]], 'too_long'],
      [[], 'too_short'],
      [{}, 'list_type'],
      [null, 'list_type'],
    ] as const) {
      const refused = await admin.post(IMPORT).send({ tenant_id: tenant, tokens });
      expect(refused.status).toBe(422);
      expect(refused.body.detail).toMatchObject([{ loc: ['body', 'tokens'], type }]);
    }
    await wide.close();
    // Elsewhere the ordinary limit stands.
    const large = await root.post(TOKENS).send({ name: 'x'.repeat(100_000) });
    expect(large.status).toBe(413);
    const huge = await root.post(IMPORT).send({ tenant_id: tenant, tokens: ['x'.repeat(2 ** 20)] });
    expect(huge.status).toBe(413);
  });

  it('is for those who may act for every tenant, and for a tenant that exists', async () => {
    const body = { tenant_id: tenant, tokens: [{ sha256: sha256(foreign()), name: 'x' }] };
    for (const jwt of [tenantAdmin(tenant), partnerAdmin('prt_1')]) {
      const response = await app.as(jwt).post(IMPORT).send(body);
      expect([response.status, response.body]).toEqual([
        403,
        { detail: 'Insufficient permissions' },
      ]);
    }
    const reader = app.as(mintJwt({ platform_token: true, scope: 'admin:read' }));
    expect((await reader.post(IMPORT).send(body)).status).toBe(403);
    const writer = app.as(mintJwt({ platform_token: true, scope: 'admin:write' }));
    expect((await writer.post(IMPORT).send(body)).body.imported).toBe(1);
    expect((await root.post(IMPORT).send({ ...body, tenant_id: 'nobody' })).status).toBe(404);
    expect((await root.post(IMPORT).send({ tokens: 1, bogus: 1 })).body.detail).toMatchObject([
      { loc: ['body', 'tenant_id'], type: 'missing' },
      { loc: ['body', 'tokens'], type: 'list_type' },
      { loc: ['body', 'bogus'], type: 'extra_forbidden' },
    ]);
  });

  it.each([
    ['where an index sees to it', ''],
    ['where none can', 'DROP INDEX IF EXISTS uq_all_scim_token_secrets_lookup_id'],
  ])('gives a digest to one of two tenants that import it at once, %s', async (_, without) => {
    await sql.query(without);
    const elsewhere = await startTestApp({ databaseUrl: app.databaseUrl, directory });
    const tokens = Array.from({ length: 10 }, () => ({ sha256: sha256(foreign()), name: 'x' }));
    const other = `tnt_${tenants++}`;
    const answers = await Promise.all([
      root.post(IMPORT).send({ tenant_id: tenant, tokens }),
      elsewhere
        .as(superAdmin())
        .post(IMPORT)
        .send({ tenant_id: other, tokens: [...tokens].reverse() }),
    ]);
    await elsewhere.close();
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0].body.imported + answers[1].body.imported).toBe(10);
    const totals = await Promise.all(
      [tenant, other].map(
        async (id) => (await root.get(`${TOKENS}?tenant_id=${id}`)).body.total as number,
      ),
    );
    expect(totals).toEqual(answers.map(({ body }) => body.imported as number));
  });

  it('refuses a digest that another import is about to store, and leaves nothing of it', async () => {
    const [taken, free] = [sha256(foreign()), sha256(foreign())];
    const { body: holder } = await root.post(TOKENS).send({ tenant_id: 'tnt_holder', name: 'x' });
    await sql.query('BEGIN');
    await lock(taken);
    await sql.query(
      `INSERT INTO scim_token_secrets (tenant_id, id, token_id, format, lookup_id, created_at, expires_at, retired_at)
       SELECT tenant_id, gen_random_uuid(), id, 'sha256', $1, now(), now(), now() FROM scim_tokens
       WHERE replace(id::text, '-', '') = $2`,
      [taken, (holder.id as string).slice(4)],
    );
    const importing = send({ sha256: taken, name: 'late' }, { sha256: free, name: 'free' });
    await untilOneWaitsForALock(sql);
    await sql.query('COMMIT');
    const [late, other] = await importing;
    expect(late!.errors![0]!.loc).toEqual(['body', 'tokens', 0, 'sha256']);
    expect(other!.id).toBeDefined();
    const { body } = await root.get(`${TOKENS}?tenant_id=${tenant}`);
    expect(body.total).toBe(1);
    expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(['free']);
  });

  it('waits for no other that brings other digests, and with many for all', async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, () => ({ sha256: sha256(foreign()), name: 'Okta' }));
    await sql.query('BEGIN');
    await lock(sha256(foreign()));
    await sql.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [
      'imports into "public"."scim_token_secrets"',
    ]);
    expect((await send(...rows(10))).every(({ id }) => id !== undefined)).toBe(true);
    const importing = send(...rows(101));
    await untilOneWaitsForALock(sql);
    await sql.query('COMMIT');
    expect(await importing).toHaveLength(101);
  });
});

describe('Revoking all of a tenant', () => {
  let app: TestApp;
  let elsewhere: TestApp;
  let admin: Client;
  const PATH = `${TOKENS}revoke-all`;

  beforeAll(async () => {
    // Longer than the tests wait: what is remembered dies by being told, or it lives on.
    const env = { SCIM_TOKEN_CACHE_TTL_SECONDS: '60' };
    app = await startTestApp({ env });
    elsewhere = await startTestApp({ env, databaseUrl: app.databaseUrl });
    admin = app.as(tenantAdmin());
  });
  afterAll(async () => {
    await elsewhere.close();
    await app.close();
  });

  it('ends each of its tokens and no other on every instance, with the reason, and again is nothing', async () => {
    const verifier = app.get(ScimTokenVerifier);
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, n) => admin.post(TOKENS).send({ name: `n${n}` })),
    );
    const values = made.map(({ body }) => body.token as string);
    for (const value of values) {
      await verifier.verify(value, { tenantId: 'tnt_a' });
      await elsewhere.get(ScimTokenVerifier).verify(value, { tenantId: 'tnt_a' });
    }
    await admin.patch(TOKENS + made[0]!.body.id).send({ enabled: false });
    await admin.delete(`${TOKENS}${made[1]!.body.id}?reason=before`);
    const other = await app.as(tenantAdmin('tnt_b')).post(TOKENS).send({ name: 'x' });

    const { status, body } = await admin.post(PATH).send({ reason: 'stolen laptop' });
    expect([status, body]).toEqual([200, { revoked: 4 }]);
    for (const value of values) {
      const check = verifier.verify(value, { tenantId: 'tnt_a' });
      await expect(check).rejects.toMatchObject({ reason: 'revoked' });
      await until(() => refusedElsewhere(value));
    }
    await verifier.verify(other.body.token, { tenantId: 'tnt_b' });
    const revoked = await admin.get(`${TOKENS}?status=revoked&sort=name`);
    expect(
      (revoked.body.items as { revocation_reason: string }[]).map((item) => item.revocation_reason),
    ).toEqual(['stolen laptop', 'before', 'stolen laptop', 'stolen laptop', 'stolen laptop']);
    expect((await admin.get(TOKENS)).body.total).toBe(0);
    const events = await admin.get(`${TOKENS}events?type=scim_token.revoked`);
    expect(events.body.items).toHaveLength(5);
    expect((await admin.post(PATH).send({ reason: 'again' })).body).toEqual({ revoked: 0 });
  });

  const refusedElsewhere = (value: string): Promise<boolean> =>
    elsewhere
      .get(ScimTokenVerifier)
      .verify(value, { tenantId: 'tnt_a' })
      .then(
        () => false,
        () => true,
      );

  it('asks for a reason, and for a tenant from all but its own administrator', async () => {
    const response = await app.as(superAdmin()).post(PATH).send({ extra: 1 });
    expect([response.status, response.body.detail]).toEqual([
      422,
      [
        { loc: ['body', 'tenant_id'], msg: 'Field required', type: 'missing' },
        { loc: ['body', 'reason'], msg: 'Field required', type: 'missing' },
        { loc: ['body', 'extra'], msg: 'Extra inputs are not permitted', type: 'extra_forbidden' },
      ],
    ]);
    expect((await admin.post(PATH).send({ tenant_id: 'tnt_b', reason: 'x' })).status).toBe(403);
    expect((await admin.post(PATH).send({ reason: 'x'.repeat(1001) })).status).toBe(422);
    expect((await admin.get(PATH)).status).toBe(404);
  });

  it('leaves no token alive that was made before it, however many are made at once', async () => {
    const race = app.as(tenantAdmin('tnt_race'));
    const creates = Array.from({ length: 12 }, () => race.post(TOKENS).send({ name: 'x' }));
    const [, revocation] = await Promise.all([
      Promise.all(creates),
      race.post(PATH).send({ reason: 'race' }),
    ]);
    const { body } = await race.get(`${TOKENS}?per_page=100`);
    const gone = await race.get(`${TOKENS}?status=revoked&per_page=100`);
    expect(gone.body.total).toBe(revocation.body.revoked);
    expect(body.total + gone.body.total).toBe(12);
    expect(body.items).toHaveLength(body.total as number);
  });
});
