import { execFileSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/service/embedded-postgres/embedded-postgres';
import { MIGRATION_LOCK } from '../../src/database/migrate';
import { untilOneWaitsForALock } from '../support/lock-wait';
import { spawnService, startService, type ServiceProcess } from '../support/service-process';
import { clientOf, JWT_SECRET, superAdmin, TOKENS } from '../support/test-app';
import { createEmptyDatabase, databaseVariables } from '../support/test-database';
import { until } from '../support/until';
import { PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

const ROUNDS = 5;
const CLIENTS = 24;
/** Checks that are under way when the service is told to stop. */
const CHECKS = 50;

type Target = 'its group' | 'its process';

function send(to: Target, { pid = 0 }: ChildProcess, ...signals: NodeJS.Signals[]): void {
  for (const signal of signals) process.kill(to === 'its group' ? -pid : pid, signal);
}

/** Processes of an embedded server. */
function serversOf(folder: string): string[] {
  return execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(join(folder, 'postgres')));
}

describe('Told to stop', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-stop-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const variables = { NODE_ENV: 'test', JWT_SECRET, RATE_LIMIT_PER_MINUTE: '0' };
  const development = (): Record<string, string> => ({
    ...variables,
    DATA_DIR: folder,
    SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: String(CHECKS),
  });

  /** Takes over as many tokens as there will be checks, the last of them switched off. */
  async function importTokens({ url }: ServiceProcess): Promise<string[]> {
    const admin = clientOf(url, superAdmin());
    const values = Array.from({ length: CHECKS }, () => randomBytes(24).toString('base64url'));
    const tokens = values.map((value, n) => ({
      name: `${n}`,
      sha256: createHash('sha256').update(value).digest('hex'),
    }));
    const { body } = await admin.post(`${TOKENS}import`).send({ tenant_id: 'tnt_a', tokens });
    expect(body.imported).toBe(CHECKS);
    const { id } = body.results.at(-1) as { id: string };
    await admin.patch(TOKENS + id).send({ enabled: false });
    return values;
  }

  /** Begins a check; the service has its headers, and waits for its body. */
  async function beginCheck({ url }: ServiceProcess, value: string): Promise<Check> {
    const body = new URLSearchParams({ token: value }).toString();
    const call = request(`${url}/api/v1/scim-tokens/introspect`, {
      method: 'POST',
      agent: new Agent({ keepAlive: true }),
      headers: {
        authorization: `Bearer ${superAdmin()}`,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    const answer = once(call, 'response') as Promise<[IncomingMessage]>;
    call.flushHeaders();
    await once(call, 'continue');
    return { call, body, answer };
  }

  interface Check {
    readonly call: ClientRequest;
    readonly body: string;
    readonly answer: Promise<[IncomingMessage]>;
  }

  async function written(url: string): Promise<{ uses: number; failures: number }> {
    const sql = new Client(url);
    await sql.connect();
    const { rows } = await sql.query<{ uses: number; failures: number }>(
      `SELECT (SELECT count(*)::int FROM scim_token_secrets WHERE last_used_at IS NOT NULL) AS uses,
              (SELECT coalesce(sum(count), 0)::int FROM scim_token_auth_failures) AS failures`,
    );
    await sql.end();
    return rows[0] ?? { uses: 0, failures: 0 };
  }

  it.each<['node' | 'npm', Target, string, NodeJS.Signals[]]>([
    ['npm', 'its group', 'embedded', ['SIGINT']],
    ['npm', 'its group', 'external', ['SIGTERM']],
    ['npm', 'its process', 'embedded', ['SIGTERM']],
    ['npm', 'its process', 'external', ['SIGINT', 'SIGTERM']],
    ['node', 'its group', 'embedded', ['SIGTERM', 'SIGINT', 'SIGINT', 'SIGTERM']],
    ['node', 'its process', 'external', ['SIGINT']],
  ])(
    '%s, by signals to %s, on an %s database: every request is answered, every use written (%s)',
    async (by, target, place, signals) => {
      const external = place === 'external' ? await createEmptyDatabase() : null;
      const env = { ...development(), ...(external && databaseVariables(external.url)) };
      const service = await startService(env, { by, detached: true });
      const values = await importTokens(service);
      const checks = await Promise.all(values.map((value) => beginCheck(service, value)));

      const exited = once(service.child, 'exit');
      send(target, service.child, ...signals);
      await until(() =>
        fetch(service.url).then(
          () => false,
          () => true,
        ),
      );
      send(target, service.child, ...signals);
      for (const { call, body } of checks) call.end(body);
      const statuses = await Promise.all(
        checks.map(async ({ answer }) => {
          const [response] = await answer;
          response.resume();
          return [response.statusCode, response.headers.connection];
        }),
      );

      expect(statuses).toEqual(Array(CHECKS).fill([200, 'close']));
      expect(await exited).toEqual([0, null]);
      expect(service.output()).toContain('press Ctrl-C again');
      expect(serversOf(folder)).toEqual([]);
      const embedded = external ? null : await startEmbeddedPostgres({ dataDir: folder });
      const url = external?.url ?? embedded?.url ?? '';
      expect(await written(url)).toEqual({ uses: CHECKS - 1, failures: 1 });
      await embedded?.stop();
      await external?.drop();
    },
  );

  it.each(['npm', 'node'] as const)(
    '%s ends at once, with 1 and no server left, when told again after 2 seconds',
    async (by) => {
      const service = await startService(development(), { by, detached: true });
      const [value = ''] = await importTokens(service);
      const { answer } = await beginCheck(service, value);
      const dropped = answer.then(
        () => 'answered',
        () => 'dropped',
      );
      const exited = once(service.child, 'exit');
      const began = Date.now();
      const insisting = setInterval(() => {
        send('its group', service.child, 'SIGINT');
      }, 100);
      const code = await exited;
      clearInterval(insisting);
      expect(code).toEqual([1, null]);
      expect(Date.now() - began).toBeGreaterThan(2_000);
      // After 8.5 s it would end so by itself.
      expect(Date.now() - began).toBeLessThan(8_000);
      expect(await dropped).toBe('dropped');
      expect(serversOf(folder)).toEqual([]);
    },
  );

  it('while it prepares its database, it ends in good order and starts again', async () => {
    const { child, output } = spawnService({ ...development(), PORT: '1' }, { detached: true });
    const exited = once(child, 'exit');
    await until(() => output().includes('Preparing'));
    send('its group', child, 'SIGINT', 'SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(serversOf(folder)).toEqual([]);
    const again = await startService(development());
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('while its start waits for another instance, it ends with 0', async () => {
    const database = await createEmptyDatabase();
    const other = new Client(database.url);
    await other.connect();
    await other.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const env = { ...development(), ...databaseVariables(database.url) };
    const { child } = spawnService(env);
    const exited = once(child, 'exit');
    await untilOneWaitsForALock(other);
    send('its process', child, 'SIGTERM');
    expect(await exited).toEqual([0, null]);
    await other.end();
    await database.drop();
  });
});

describe('Told to stop under load', () => {
  it('the service answers every request that it took, and ends with 0', async () => {
    const database = await PostgresServer.create();
    let answered = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const service = await Service.start({ DATABASE_URL: database.url });
      const { id } = (await service.create({ tenant_id: `tnt_${round}` })).body;
      const dropped: string[] = [];
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        for (;;) {
          const asked =
            client % 3 === 0
              ? service.call('PATCH', TOKENS + id, { name: `by ${client}` })
              : service.get(client % 3 === 1 ? TOKENS : TOKENS + id);
          try {
            const { status } = await asked;
            answered += 1;
            // Writers of one tenant wait for each other; that is no drop.
            if (status !== 200 && status !== 503) dropped.push(String(status));
          } catch (error) {
            const { code, message } = error as NodeJS.ErrnoException;
            // Never taken: a load balancer asks another instance.
            if (code === 'ECONNREFUSED') return;
            dropped.push(code ?? message);
          }
        }
      });
      await delay(1_000);
      const began = Date.now();
      expect(await service.end()).toBe(0);
      expect(Date.now() - began).toBeLessThan(9_000);
      await Promise.all(clients);
      expect(dropped).toEqual([]);
    }
    expect(answered).toBeGreaterThan(500);
    await database.remove();
  });
});
