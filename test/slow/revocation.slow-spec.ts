import { setTimeout as delay } from 'node:timers/promises';
import { Client as Database } from 'pg';
import { runMigrations } from '../../src/database/migrate';
import { ScimTokenRefusedError, ScimTokenVerifier } from '../../src/index';
import { TokenCache } from '../../src/verification/token-cache';
import { issueAccessToken } from '../support/access-tokens';
import { startScimHost, type ScimHost } from '../support/scim-host';
import { clientOf, tenantAdmin, TOKENS } from '../support/test-app';
import { PgBouncer } from './support/pgbouncer';
import { PostgresServer } from './support/postgres-server';

const TTL_MS = 5_000;

interface Created {
  id: string;
  token: string;
}

const create = async (host: ScimHost): Promise<Created> =>
  (await clientOf(host.url, tenantAdmin()).post(TOKENS).send({ name: 'x' }).expect(201))
    .body as Created;
const revoke = (host: ScimHost, { id }: Created) =>
  clientOf(host.url, tenantAdmin())
    .delete(TOKENS + id)
    .expect(204);
const outcome = (host: ScimHost, value: string): Promise<string> =>
  host.app
    .get(ScimTokenVerifier, { strict: false })
    .verify(value, { tenantId: 'tnt_a' })
    .then(
      () => 'accepted',
      (error: unknown) => (error instanceof ScimTokenRefusedError ? error.reason : String(error)),
    );
const callRoute = (host: ScimHost, value: string) =>
  fetch(`${host.url}/tenants/tnt_a/scim/v2/Users`, {
    headers: { authorization: `Bearer ${value}` },
  });
const memoryOf = (host: ScimHost) => host.app.get(TokenCache, { strict: false });

/** Milliseconds from a revocation's answer until another instance refuses. */
async function untilRevoked(host: ScimHost, token: string): Promise<number> {
  const began = performance.now();
  while ((await outcome(host, token)) !== 'revoked') await delay(1);
  return performance.now() - began;
}

describe('A revocation', () => {
  let database: PostgresServer;
  let first: ScimHost;
  let second: ScimHost;

  beforeAll(async () => {
    database = await PostgresServer.create();
    await runMigrations(database.url);
    [first, second] = [
      await startScimHost({ databaseUrl: database.url }),
      await startScimHost({ databaseUrl: database.url }),
    ];
  });
  afterAll(async () => {
    await Promise.all([first.close(), second.close()]);
    await database.remove();
  });

  const issue = async (...made: Created[]): Promise<string[]> => {
    const sql = new Database({ connectionString: database.url });
    await sql.connect();
    const values: string[] = [];
    for (const { id } of made) values.push(await issueAccessToken(sql, id));
    await sql.end();
    return values;
  };

  it('is heard by another instance within 100 ms, 99 times of 100, of access tokens too', async () => {
    const took: number[] = [];
    for (let round = 0; round < 100; round++) {
      const made = await create(first);
      const values = [made.token, ...(await issue(made))];
      for (const value of values) expect(await outcome(second, value)).toBe('accepted');
      await revoke(first, made);
      const each = await Promise.all(values.map((value) => untilRevoked(second, value)));
      took.push(Math.max(...each));
      for (const value of values) expect(await outcome(first, value)).toBe('revoked');
    }
    took.sort((a, b) => a - b);
    expect(took[98]).toBeLessThan(100);
    expect(took[99]).toBeLessThan(TTL_MS);
  });

  it('is never missed by one whose listener is connected and deaf: it remembers nothing', async () => {
    const pooler = await PgBouncer.before(database.url);
    const deaf = await startScimHost({ databaseUrl: pooler.through(database.url) });
    expect(memoryOf(deaf).isOn).toBe(false);
    for (let round = 0; round < 10; round++) {
      const made = await create(first);
      expect(await outcome(deaf, made.token)).toBe('accepted');
      await revoke(first, made);
      expect(await outcome(deaf, made.token)).toBe('revoked');
    }
    expect(await (await fetch(`${deaf.url}/health/ready`)).json()).toMatchObject({
      status: 'ok',
      info: { listener: { state: 'degraded' } },
    });
    await deaf.close();
    const direct = await startScimHost({
      databaseUrl: pooler.through(database.url),
      env: { DATABASE_LISTEN_URL: database.url },
    });
    expect(memoryOf(direct).isOn).toBe(true);
    const made = await create(first);
    expect(await outcome(direct, made.token)).toBe('accepted');
    await revoke(first, made);
    expect(await untilRevoked(direct, made.token)).toBeLessThan(TTL_MS / 2);
    await direct.close();
    await pooler.end();
  });

  it('is not waited for while the database is away: 503, never 401, and good again by itself', async () => {
    const [cached, unseen] = [await create(first), await create(first)];
    const [remembered = '', unknown = ''] = await issue(cached, unseen);
    const seen = [cached.token, remembered];
    for (const value of seen) expect((await callRoute(second, value)).status).toBe(200);
    await database.end();
    const began = performance.now();
    let passes = 0;
    while (performance.now() - began < TTL_MS + 1_000) {
      for (const token of [...seen, unseen.token, unknown]) {
        const asked = performance.now();
        const answer = await callRoute(second, token);
        if (answer.status === 200) {
          passes += 1;
          expect(seen).toContain(token);
          expect(asked - began).toBeLessThan(TTL_MS);
        } else {
          expect(answer.status).toBe(503);
          expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
        }
      }
      await delay(50);
    }
    process.stderr.write(`database away: ${passes} answers from memory\n`);
    await database.start();
    const back = performance.now();
    while ((await callRoute(second, unknown)).status !== 200) {
      expect(performance.now() - back).toBeLessThan(10_000);
      await delay(50);
    }
    while (!memoryOf(second).isOn) {
      expect(performance.now() - back).toBeLessThan(10_000);
      await delay(50);
    }
    for (const value of seen) expect((await callRoute(second, value)).status).toBe(200);
    await revoke(first, cached);
    for (const value of seen) expect(await untilRevoked(second, value)).toBeLessThan(TTL_MS / 2);
  });
});
