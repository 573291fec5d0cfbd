import { setImmediate as turn } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { runHere } from '../support/command';
import { JWT_SECRET, startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createTestDatabase, DATABASE_SERVER, type TestDatabase } from '../support/test-database';
import { PgBouncer } from './support/pgbouncer';

const CALLERS = 24;
const TOLD = 'Prepared statements do not last';

let database: TestDatabase;
let sql: Client;

beforeEach(async () => {
  database = await createTestDatabase();
  sql = new Client(database.directUrl);
  await sql.connect();
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});

/** An app on this database, and its token's id. */
async function start(url: string, env: Record<string, string> = {}): Promise<[TestApp, string]> {
  const app = await startTestApp({ databaseUrl: url, env });
  const made = await app.as(tenantAdmin()).post(TOKENS).send({ name: 'Okta' }).expect(201);
  return [app, (made.body as { id: string }).id];
}

/** Reads all the while that `work` is under way; the answers' statuses, each once. */
async function readDuring(
  [app, id]: readonly [TestApp, string],
  work: () => Promise<void>,
): Promise<number[]> {
  const statuses = new Set<number>();
  let over = false;
  const headers = { authorization: `Bearer ${tenantAdmin()}` };
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!over) {
      for (const path of [TOKENS + id, TOKENS, `${TOKENS}endpoint-info`]) {
        const answer = await fetch(app.url + path, { headers });
        await answer.arrayBuffer();
        statuses.add(answer.status);
      }
    }
  });
  await work();
  over = true;
  await Promise.all(callers);
  return [...statuses].sort();
}

/** So many answers more, whoever asks. */
const answers = async (app: TestApp, id: string, count: number): Promise<void> => {
  for (let at = 0; at < count; at++) {
    await app.as(tenantAdmin()).get(TOKENS + id);
    await turn();
  }
};

/** How many names there are on one of the app's connections. */
const namesOf = async (app: TestApp): Promise<number> => {
  const found = await app
    .provider(DataSource)
    .query<unknown[]>(`SELECT FROM pg_prepared_statements WHERE name LIKE 'scim\\_%'`);
  return found.length;
};

describe('Through PgBouncer in transaction mode', () => {
  let pooler: PgBouncer;
  let env: Record<string, string>;

  beforeAll(async () => {
    pooler = await PgBouncer.before(process.env[DATABASE_SERVER] ?? '');
  });
  afterAll(() => pooler.end());
  beforeEach(() => {
    env = { DATABASE_LISTEN_URL: database.directUrl };
  });

  it('no read fails, names are given up, and one line says so', async () => {
    const started = await start(pooler.through(database.directUrl), env);
    const [app, id] = started;
    expect(await readDuring(started, () => answers(app, id, 100))).toEqual([200]);
    expect(app.logs().split(TOLD)).toHaveLength(2);
    await app.close();
  });

  it('no read fails where names were asked for, either', async () => {
    const started = await start(pooler.through(database.directUrl), {
      ...env,
      DATABASE_PREPARED_STATEMENTS: 'on',
    });
    const [app, id] = started;
    expect(await readDuring(started, () => answers(app, id, 30))).toEqual([200]);
    expect(app.logs()).not.toContain(TOLD);
    await app.close();
  });

  it('the doctor tells which way it is', async () => {
    const tell = async (url: string, mode: string): Promise<unknown> => {
      const { stdout } = await runHere(['doctor', '--json'], {
        ...env,
        DATABASE_URL: url,
        DATABASE_PREPARED_STATEMENTS: mode,
        JWT_SECRET,
      });
      const { checks } = JSON.parse(stdout) as { checks: { check: string }[] };
      return checks.find(({ check }) => check === 'statements');
    };
    const pooled = pooler.through(database.directUrl);
    const once = { status: 'ok', message: 'Reads are prepared once on each connection' };
    expect(await tell(database.directUrl, 'auto')).toMatchObject(once);
    expect(await tell(pooled, 'auto')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('a pooler in transaction mode does not keep statements'),
    });
    expect(await tell(pooled, 'on')).toMatchObject({
      status: 'failed',
      mend: expect.stringContaining('max_prepared_statements'),
    });
    expect(await tell(pooled, 'off')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('is off'),
    });
  });
});

describe('Under load', () => {
  it('a migration of what is read fails no request, and reads are prepared anew', async () => {
    const started = await start(database.directUrl);
    const [app, id] = started;
    const migrate = async (): Promise<void> => {
      for (let length = 256; length < 276; length++) {
        await sql.query(`ALTER TABLE scim_tokens ALTER tenant_id TYPE varchar(${length})`);
        await answers(app, id, 5);
      }
    };
    expect(await readDuring(started, migrate)).toEqual([200]);
    expect(await namesOf(app)).toBeGreaterThan(0);
    expect(app.logs()).not.toContain(TOLD);
    await app.close();
  });

  it('a failover ends what is under way, and is not taken for a pooler', async () => {
    const started = await start(database.directUrl);
    const [app, id] = started;
    const kill = async (): Promise<void> => {
      await answers(app, id, 20);
      await sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      await answers(app, id, 20);
    };
    expect([200, 503]).toEqual(expect.arrayContaining(await readDuring(started, kill)));
    expect(await readDuring(started, () => answers(app, id, 20))).toEqual([200]);
    expect(await namesOf(app)).toBeGreaterThan(0);
    expect(app.logs()).not.toContain(TOLD);
    await app.close();
  });
});
