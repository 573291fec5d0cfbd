import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { ScimTokenRefusedError, ScimTokenVerifier } from '../../src/index';
import { BcryptQueue } from '../../src/secrets/bcrypt-queue';
import { mintAccessToken, mintSecret } from '../../src/secrets/scim-token.secret';
import { UsageWriter } from '../../src/usage/usage-writer';
import { TokenCache } from '../../src/verification/token-cache';
import { issueAccessToken } from '../support/access-tokens';
import { forge, respell } from '../support/forge';
import { PostgresTap } from '../support/postgres-tap';
import { startScimHost, type ScimHost, type ScimHostOptions } from '../support/scim-host';
import { clientOf, superAdmin, tenantAdmin, TOKENS } from '../support/test-app';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** In the one statement that a check reads with. */
const READ = 's.lookup_id = ';
/** In the one that it reads an access token with. */
const ACCESS_TOKEN_READ = 'a.lookup_id = $1';
const CLIENT = { auth_method: 'client_credentials' };
const TTL_MS = 5_000;
/** Knows none of the MACs that the others made: bcrypt decides. */
const OTHER_PEPPER = 'another-pepper-of-thirty-two-bytes!!';

interface Created {
  id: string;
  token: string;
}

const create = async (host: ScimHost, fields: object = {}): Promise<Created> => {
  const made = await clientOf(host.url, tenantAdmin())
    .post(TOKENS)
    .send({ name: 'Okta', ...fields })
    .expect(201);
  return made.body as Created;
};
const revoke = (host: ScimHost, { id }: Created) =>
  clientOf(host.url, tenantAdmin())
    .delete(TOKENS + id)
    .expect(204);
const verifierOf = (host: ScimHost) => host.app.get(ScimTokenVerifier, { strict: false });
const verify = (host: ScimHost, value: string) =>
  verifierOf(host).verify(value, { tenantId: 'tnt_a', ip: '192.0.2.1' });
const outcome = (host: ScimHost, value: string): Promise<string> =>
  verify(host, value).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ScimTokenRefusedError ? error.reason : String(error)),
  );
const flush = (host: ScimHost, options?: { all?: boolean; until?: number }) =>
  host.app.get(UsageWriter, { strict: false }).flush(options);
const callRoute = (host: ScimHost, value: string) =>
  fetch(`${host.url}/tenants/tnt_a/scim/v2/Users`, {
    headers: { authorization: `Bearer ${value}` },
  });
const introspect = async (host: ScimHost, token: string): Promise<unknown> =>
  (
    await clientOf(host.url, superAdmin())
      .post('/api/v1/scim-tokens/introspect')
      .type('form')
      .send({ token })
      .expect(200)
  ).body;

describe('Verification on several instances', () => {
  let database: TestDatabase;
  let tap: PostgresTap;
  let hosts: ScimHost[];
  let first: ScimHost;
  let second: ScimHost;
  let bcrypts: jest.SpyInstance;

  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new Client(database.url);
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const issue = async (id: string): Promise<string> => {
    const client = new Client(database.url);
    await client.connect();
    try {
      return await issueAccessToken(client, id);
    } finally {
      await client.end();
    }
  };
  const start = async (options: ScimHostOptions = {}): Promise<ScimHost> => {
    const host = await startScimHost({
      databaseUrl: tap.url,
      ...options,
      // Flushed by the tests themselves.
      env: {
        DATABASE_LISTEN_URL: database.directUrl,
        SCIM_TOKEN_USAGE_FLUSH_SECONDS: '3600',
        SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '100',
        // Checks that wait for one another take their time.
        SCIM_TOKEN_BCRYPT_COST: '10',
        // Reads are counted: behind a pooler one that is sent again without its name would be two.
        DATABASE_PREPARED_STATEMENTS: 'off',
        ...options.env,
      },
    });
    hosts.push(host);
    return host;
  };

  beforeAll(async () => {
    hosts = [];
    database = await createTestDatabase();
    tap = await PostgresTap.before(database.url);
    first = await start();
    second = await start();
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    await tap.close();
    await database.drop();
  });
  beforeEach(() => {
    // Watches the real queue: nothing is put in its place.
    bcrypts = jest.spyOn(BcryptQueue.prototype, 'check');
  });
  afterEach(() => {
    bcrypts.mockRestore();
  });

  it('makes one read for 1,000 first sights of one value at once, and no bcrypt', async () => {
    const { token } = await create(first);
    const before = tap.count(READ);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => verify(second, token)));
    expect(answers).toHaveLength(1_000);
    expect(tap.count(READ) - before).toBe(1);
    expect(bcrypts).not.toHaveBeenCalled();
  });

  it('looks a value up by tenant, and elsewhere only what is not there', async () => {
    const make = async (): Promise<string> => {
      const admin = clientOf(first.url, tenantAdmin('tnt_d'));
      return ((await admin.post(TOKENS).send({ name: 'x' }).expect(201)).body as Created).token;
    };
    const [own, other] = [await make(), await make()];
    const imported = `legacy.${randomBytes(24).toString('base64url')}`;
    await clientOf(first.url, superAdmin())
      .post(`${TOKENS}import`)
      .send({
        tenant_id: 'tnt_d',
        tokens: [{ sha256: createHash('sha256').update(imported).digest('hex'), name: 'x' }],
      })
      .expect(200);
    // Every instance has learnt that there are imports.
    while ((await outcome(second, imported)) !== 'tenant_mismatch') await delay(5);
    second.app.get(TokenCache, { strict: false }).flush();
    const reads = async (value: string, tenantId: string): Promise<unknown> => {
      const before = tap.statements.length;
      const reason = await verifierOf(second)
        .verify(value, { tenantId })
        .then(
          () => 'accepted',
          (error: unknown) => (error as ScimTokenRefusedError).reason,
        );
      const made = tap.statements.slice(before).filter((statement) => statement.includes(READ));
      return [reason, ...made.map((sql) => (sql.includes('s.tenant_id = $2') ? 'there' : 'all'))];
    };
    expect(await reads(own, 'tnt_d')).toEqual(['accepted', 'there']);
    expect(await reads(imported, 'tnt_d')).toEqual(['accepted', 'there']);
    expect(await reads(other, 'tnt_b')).toEqual(['tenant_mismatch', 'there', 'all']);
    expect(await reads(mintSecret('scim').value, 'tnt_d')).toEqual(['unknown', 'there', 'all']);
    // Whose they are is remembered for every tenant.
    for (const value of [own, imported, other]) {
      expect(await reads(value, 'tnt_c')).toEqual(['tenant_mismatch']);
    }
    expect(await reads(other, 'tnt_d')).toEqual(['accepted']);
    // No tenant is called so: nothing is asked of it.
    second.app.get(TokenCache, { strict: false }).flush();
    expect(await reads(other, 'tnt_d\0')).toEqual(['tenant_mismatch', 'all']);
  });

  it('makes one read for 1,000 first sights of one access token at once, and none while it is remembered', async () => {
    const { id } = await create(first, CLIENT);
    const value = await issue(id);
    const reads = (): number => tap.count('.lookup_id =');
    const [before, ofAccessTokens] = [reads(), tap.count(ACCESS_TOKEN_READ)];
    await Promise.all(Array.from({ length: 1_000 }, () => verify(second, value)));
    expect([reads() - before, tap.count(ACCESS_TOKEN_READ) - ofAccessTokens]).toEqual([1, 1]);
    for (let turn = 0; turn < 100; turn++) await verify(second, value);
    expect(reads() - before).toBe(1);
    expect(bcrypts).not.toHaveBeenCalled();
  });

  it('looks for an access token elsewhere only where it is not there, and remembers what it is not', async () => {
    const { id } = await create(first, CLIENT);
    const [value, wrong] = [await issue(id), mintAccessToken('scim').value];
    const readsOf = async (text: string, tenantId: string): Promise<unknown[]> => {
      const before = tap.statements.length;
      const reason = await verifierOf(second)
        .verify(text, { tenantId })
        .then(
          () => 'accepted',
          (error: unknown) => (error as ScimTokenRefusedError).reason,
        );
      const made = tap.statements.slice(before).filter((text) => text.includes('.lookup_id ='));
      const where = (text: string): string =>
        (text.includes(ACCESS_TOKEN_READ) ? 'access tokens' : 'secrets') +
        (text.includes('tenant_id = $2') ? ' there' : '');
      return [reason, ...made.map(where)];
    };
    const all = ['access tokens there', 'secrets there', 'secrets', 'access tokens'];
    expect(await readsOf(value, 'tnt_b')).toEqual(['tenant_mismatch', ...all]);
    expect(await readsOf(value, 'tnt_a')).toEqual(['accepted']);
    expect(await readsOf(wrong, 'tnt_a')).toEqual(['unknown', ...all]);
    expect(await readsOf(wrong, 'tnt_b')).toEqual(['unknown']);
    const forged = forge(value);
    expect(await readsOf(forged, 'tnt_a')).toEqual(['mismatch', 'access tokens there']);
    expect(await readsOf(forged, 'tnt_a')).toEqual(['mismatch']);
  });

  it('makes one read and one bcrypt where there is no MAC that it knows', async () => {
    const { token } = await create(first);
    const other = await start({ env: { SCIM_TOKEN_PEPPER: OTHER_PEPPER } });
    const before = tap.count(READ);
    await Promise.all(Array.from({ length: 1_000 }, () => verify(other, token)));
    expect(tap.count(READ) - before).toBe(1);
    expect(bcrypts).toHaveBeenCalledTimes(1);
    // A proof outlives the state: another read, and no other bcrypt.
    await verifierOf(other).verify(token, { tenantId: 'tnt_a', fresh: true });
    expect(tap.count(READ) - before).toBe(2);
    expect(bcrypts).toHaveBeenCalledTimes(1);
  });

  it('does not believe a read that a revocation overtook', async () => {
    const made = await create(first);
    const held = tap.holdNext(READ);
    const overtaken = outcome(first, made.token);
    await held.given;
    await revoke(first, made);
    // Whoever comes after the answer must not join the read that began before.
    expect(await outcome(first, made.token)).toBe('revoked');
    held.release();
    expect(await overtaken).toBe('revoked');
    expect(await outcome(first, made.token)).toBe('revoked');
  });

  it('does not believe a read that a revocation of another instance overtook', async () => {
    const made = await create(first);
    const memory = second.app.get(TokenCache, { strict: false });
    const held = tap.holdNext(READ);
    const overtaken = outcome(second, made.token);
    await held.given;
    const reading = memory.begin();
    await revoke(first, made);
    while (memory.isQuietSince(reading)) await delay(5);
    held.release();
    expect(await overtaken).toBe('revoked');
    expect(await outcome(second, made.token)).toBe('revoked');
  });

  it('does not believe the read of an access token that its end overtook', async () => {
    const { id } = await create(first, CLIENT);
    const value = await issue(id);
    const memory = second.app.get(TokenCache, { strict: false });
    const held = tap.holdNext(ACCESS_TOKEN_READ);
    const overtaken = outcome(second, value);
    await held.given;
    const reading = memory.begin();
    await clientOf(first.url, tenantAdmin())
      .post(`${TOKENS}revoke-by-value`)
      .send({ token: value, reason: 'found' })
      .expect(200);
    while (memory.isQuietSince(reading)) await delay(5);
    held.release();
    expect([await overtaken, await outcome(second, value)]).toEqual(['unknown', 'unknown']);
    expect(await outcome(first, value)).toBe('unknown');
  });

  it('takes a value alone as it was minted, whatever bcrypt would say, and MACs no other spelling', async () => {
    const made = await create(first);
    const macOf = async ({ token }: { token: string }) => {
      const [row] = await sql<{ secret_mac: string | null }>(
        'SELECT secret_mac FROM scim_token_secrets WHERE lookup_id = $1',
        [token.slice(5, 17)],
      );
      return row?.secret_mac;
    };
    // As where a pepper is configured only after it was minted.
    const mac = await macOf(made);
    await sql('UPDATE scim_token_secrets SET secret_mac = NULL, pepper_id = NULL');
    const spelling = respell(made.token, 'other');
    for (const host of [first, second]) {
      expect(await outcome(host, spelling)).toBe('mismatch');
      expect((await callRoute(host, spelling)).status).toBe(401);
      expect(await introspect(host, spelling)).toEqual({ active: false });
    }
    expect(bcrypts).not.toHaveBeenCalled();
    expect(await macOf(made)).toBeNull();
    expect(await outcome(first, made.token)).toBe('accepted');
    while ((await macOf(made)) === null) await delay(5);
    expect(await macOf(made)).toBe(mac);
    expect(await outcome(second, spelling)).toBe('mismatch');
    await revoke(first, made);
  });

  it('knows how the value of a secret begins that has ended, or that a rotation took back', async () => {
    const made = await create(first);
    const rotation = () =>
      clientOf(first.url, tenantAdmin()).post(`${TOKENS}${made.id}/rotate`).send({}).expect(201);
    const both = async (value: string) => [
      await outcome(second, value),
      await outcome(second, respell(value, 'other')),
    ];
    const taken = ((await rotation()).body as Created).token;
    expect(await both(made.token)).toEqual(['accepted', 'mismatch']);
    expect(await both(taken)).toEqual(['accepted', 'mismatch']);
    await clientOf(first.url, tenantAdmin()).delete(`${TOKENS}${made.id}/rotation`).expect(200);
    while ((await outcome(second, taken)) === 'accepted') await delay(5);
    expect(await both(taken)).toEqual(['expired', 'mismatch']);
    expect(await both(made.token)).toEqual(['accepted', 'mismatch']);

    const next = ((await rotation()).body as Created).token;
    await clientOf(first.url, tenantAdmin())
      .post(`${TOKENS}revoke-by-value`)
      .send({ token: made.token, reason: 'found' })
      .expect(200);
    // The other instance hears of an overlap that was ended for a leak as of any other.
    const began = performance.now();
    while ((await outcome(second, made.token)) === 'accepted') await delay(2);
    expect(performance.now() - began).toBeLessThan(TTL_MS / 2);
    expect(await both(made.token)).toEqual(['expired', 'mismatch']);
    expect(await both(next)).toEqual(['accepted', 'mismatch']);
    await revoke(first, made);
  });

  it('forgets on every instance what was disabled, narrowed or revoked on one', async () => {
    const made = await create(first);
    const until = async (expected: string) => {
      const began = performance.now();
      while ((await outcome(second, made.token)) !== expected) await delay(2);
      return performance.now() - began;
    };
    const patch = (fields: object) =>
      clientOf(first.url, tenantAdmin())
        .patch(TOKENS + made.id)
        .send(fields)
        .expect(200);
    await until('accepted');
    await patch({ enabled: false });
    const took = [await until('disabled')];
    await patch({ enabled: true });
    took.push(await until('accepted'));
    await patch({ allowed_ips: ['198.51.100.0/24'] });
    took.push(await until('ip_not_allowed'));
    await revoke(first, made);
    took.push(await until('revoked'));
    // Well below the TTL, at which a deaf instance would notice.
    expect(Math.max(...took)).toBeLessThan(TTL_MS / 2);
  });

  it('forgets access tokens on every instance with what happens on one to their token', async () => {
    const made = await create(first, CLIENT);
    const [value, leaked] = [await issue(made.id), await issue(made.id)];
    const until = async (expected: string, text = value) => {
      const began = performance.now();
      while ((await outcome(second, text)) !== expected) await delay(2);
      return performance.now() - began;
    };
    const patch = (fields: object) =>
      clientOf(first.url, tenantAdmin())
        .patch(TOKENS + made.id)
        .send(fields)
        .expect(200);
    await until('accepted');
    await until('accepted', leaked);
    await clientOf(first.url, tenantAdmin())
      .post(`${TOKENS}revoke-by-value`)
      .send({ token: leaked, reason: 'found' })
      .expect(200);
    const took = [await until('unknown', leaked)];
    await until('accepted');
    await patch({ enabled: false });
    took.push(await until('disabled'));
    await patch({ enabled: true });
    took.push(await until('accepted'));
    await patch({ scopes: ['groups:read'] });
    while ((await callRoute(second, value)).status !== 403) await delay(2);
    await revoke(first, made);
    took.push(await until('revoked'));
    expect(Math.max(...took)).toBeLessThan(TTL_MS / 2);
  });

  it('refuses a token that was revoked right after the listening connections were cut', async () => {
    const made = await create(first);
    expect(await outcome(second, made.token)).toBe('accepted');
    const cut = await sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'scim-tokens-listener'`,
    );
    await revoke(first, made);
    expect(cut.length).toBeGreaterThanOrEqual(2);
    const began = performance.now();
    while ((await outcome(second, made.token)) !== 'revoked') await delay(2);
    expect(performance.now() - began).toBeLessThan(TTL_MS / 2);
    // It recovers by itself: it hears again, and remembers.
    const lasting = await create(first);
    const memory = second.app.get(TokenCache, { strict: false });
    while (!memory.isOn) await delay(10);
    await verify(second, lasting.token);
    const reads = tap.count(READ);
    await verify(second, lasting.token);
    expect(tap.count(READ)).toBe(reads);
  });

  it('lets the owner through while someone hammers the same lookup id, each try a bcrypt', async () => {
    const host = await start({ env: { SCIM_TOKEN_PEPPER: OTHER_PEPPER } });
    const [made, other] = [await create(first), await create(first)];
    const memory = host.app.get(TokenCache, { strict: false });
    expect((await callRoute(host, made.token)).status).toBe(200);
    let hammering = true;
    const statuses: number[] = [];
    const attackers = Array.from({ length: 6 }, async () => {
      while (hammering) statuses.push((await callRoute(host, forge(made.token))).status);
    });
    try {
      while (!statuses.includes(503) || !statuses.includes(401)) await delay(5);
      for (let round = 0; round < 5; round++) {
        expect((await callRoute(host, made.token)).status).toBe(200);
        // The state is forgotten, the proof is not: its owner waits for no bcrypt.
        memory.flush();
      }
      // Others wait at most for the one that runs.
      expect((await callRoute(host, other.token)).status).toBe(200);
    } finally {
      hammering = false;
      await Promise.all(attackers);
    }
    expect(statuses.filter((status) => status !== 401 && status !== 503)).toEqual([]);
  });

  it('writes a bounded number of rows of a flood of forgeries', async () => {
    const made = await create(first);
    await flush(first);
    const count = async () => {
      const [row] = await sql<{ count: number }>(
        'SELECT count(*)::int AS count FROM scim_token_auth_failures',
      );
      return row?.count ?? 0;
    };
    const before = await count();
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          outcome(first, at % 2 ? forge(made.token) : mintSecret('scim').value),
        ),
      );
      await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          verifierOf(first)
            .verify(made.token.slice(0, -1), { tenantId: `tnt_none_${round}_${at}` })
            .catch(() => null),
        ),
      );
      await flush(first);
    }
    // One kind of failure is one row an hour; the tenants that were made up have none.
    expect((await count()) - before).toBeLessThanOrEqual(2 * 2);
    const [total] = await sql<{ sum: number }>(
      'SELECT sum(count)::int AS sum FROM scim_token_auth_failures',
    );
    expect(total?.sum).toBeGreaterThanOrEqual(1_000);
    expect(bcrypts).not.toHaveBeenCalled();
  });

  it('replaces the pepper of a running fleet without a bcrypt, and the MACs with it', async () => {
    const [old, fresh] = [
      'the-old-pepper-of-thirty-two-bytes!!',
      'the-new-pepper-of-thirty-two-bytes!!',
    ];
    const instance = (pepper: string, previous = '') =>
      start({ env: { SCIM_TOKEN_PEPPER: pepper, SCIM_TOKEN_PEPPER_PREVIOUS: previous } });
    const before = await instance(old);
    const early = await create(before);
    const pepperOf = async ({ token }: Created) => {
      const [row] = await sql<{ pepper_id: string }>(
        'SELECT pepper_id FROM scim_token_secrets WHERE lookup_id = $1',
        [token.slice(5, 17)],
      );
      return row?.pepper_id;
    };
    const oldId = await pepperOf(early);
    // The new one is added as previous, then they are swapped one instance after the other.
    const added = await instance(old, fresh);
    const swapped = await instance(fresh, old);
    const late = await create(swapped);
    const newId = await pepperOf(late);
    expect(newId).not.toBe(oldId);
    for (const host of [swapped, added]) {
      expect(await outcome(host, late.token)).toBe('accepted');
      expect(await outcome(host, early.token)).toBe('accepted');
    }
    // Those that are not swapped yet turn MACs back, those that are do not leave it at that.
    while ((await pepperOf(late)) !== oldId) await delay(5);
    const instances = [swapped, await instance(fresh, old)];
    for (const host of instances) {
      for (const { token } of [early, late]) {
        await verifierOf(host).verify(token, { tenantId: 'tnt_a', fresh: true });
      }
    }
    for (const made of [early, late]) {
      while ((await pepperOf(made)) !== newId) await delay(5);
    }
    const dropped = await instance(fresh);
    for (const { token } of [early, late]) {
      expect(await outcome(dropped, token)).toBe('accepted');
      expect(await outcome(dropped, forge(token))).toBe('mismatch');
    }
    expect(bcrypts).not.toHaveBeenCalled();
    // Whoever lost the pepper has the bcrypt still, and leaves the unknown pepper's MAC as it is.
    const lost = await instance('quite-another-pepper-of-32-bytes!!!!');
    expect(await outcome(lost, early.token)).toBe('accepted');
    expect(bcrypts).toHaveBeenCalledTimes(1);
    expect(await pepperOf(early)).toBe(newId);
  });

  it('writes uses from all instances at once without a deadlock, and never back in time', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => create(first)));
    const instances = [first, second, await start(), await start()];
    for (let round = 0; round < 5; round++) {
      for (const host of instances) {
        for (const { token } of tokens) await verify(host, token);
      }
      await Promise.all(instances.map((host) => flush(host, { all: true })));
    }
    for (const host of instances) await flush(host, { all: true });
    const deadlocks = await sql<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(deadlocks).toEqual([{ deadlocks: '0' }]);
    const used = async () =>
      sql<{ token_id: string; last_used_at: Date }>(
        `SELECT token_id, last_used_at FROM scim_token_usage WHERE last_used_at IS NOT NULL ORDER BY 1`,
      );
    const before = await used();
    expect(before.length).toBeGreaterThanOrEqual(tokens.length);
    await sql(`UPDATE scim_token_usage SET last_used_at = '2100-01-01'`);
    await sql(`UPDATE scim_token_secrets SET last_used_at = '2100-01-01'`);
    for (const { token } of tokens) await verify(second, token);
    await flush(second, { all: true });
    for (const { last_used_at: at } of await used()) expect(at.getUTCFullYear()).toBe(2100);
    const [secrets] = await sql<{ earliest: Date }>(
      'SELECT min(last_used_at) AS earliest FROM scim_token_secrets',
    );
    expect(secrets?.earliest.getUTCFullYear()).toBe(2100);
  });

  it('keeps a use whose row is held by others, and writes it at the next flush', async () => {
    const made = await create(first);
    const lastUse = async () =>
      sql('SELECT 1 FROM scim_token_secrets WHERE lookup_id = $1 AND last_used_at IS NOT NULL', [
        made.token.slice(5, 17),
      ]);
    const holder = new Client(database.url);
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query("SELECT 1 FROM scim_token_secrets WHERE tenant_id = 'tnt_a' FOR UPDATE");
    await verify(first, made.token);
    await flush(first);
    expect(await lastUse()).toEqual([]);
    await holder.query('COMMIT');
    await holder.end();
    await flush(first);
    expect(await lastUse()).toHaveLength(1);
  });

  it('begins no statement after its time, and keeps what is left for the next flush', async () => {
    const made = await create(first);
    // A first use is written at once.
    await sql("UPDATE scim_token_secrets SET last_used_at = '2020-01-01' WHERE lookup_id = $1", [
      made.token.slice(5, 17),
    ]);
    await verify(first, made.token);
    await outcome(first, respell(made.token, 'other'));
    const read = async () =>
      (await clientOf(first.url, tenantAdmin()).get(TOKENS + made.id)).body as object;
    await flush(first, { until: performance.now() });
    expect(await read()).toMatchObject({ last_used_at: null, last_failure_at: null });
    await flush(first);
    expect(await read()).toMatchObject({
      last_used_at: expect.any(String),
      last_failure_reason: 'mismatch',
    });
  });

  it('loses no use when it ends', async () => {
    const host = await start();
    const made = await create(first);
    await verify(host, made.token);
    await flush(host);
    await verifierOf(host).verify(made.token, { tenantId: 'tnt_a', userAgent: 'the last' });
    await host.app.close();
    hosts.splice(hosts.indexOf(host), 1);
    const read = await clientOf(first.url, tenantAdmin()).get(TOKENS + made.id);
    expect(read.body).toMatchObject({ last_used_user_agent: 'the last' });
  });
});
