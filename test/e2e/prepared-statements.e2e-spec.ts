import { DataSource } from 'typeorm';
import { ScimTokenVerifier } from '../../src';
import { TOKEN_SORTS } from '../../src/scim-tokens/list/list-cursor';
import { partnerAdmin, startTestApp, superAdmin, tenantAdmin, TOKENS } from '../support/test-app';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import type { TestApp } from '../support/test-app';
import { until } from '../support/until';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const ENDPOINT_INFO = `${TOKENS}endpoint-info`;
const TOLD = 'Prepared statements do not last';

/** An app with one connection, past any pooler: what is prepared there can be looked at. */
interface OneConnection {
  readonly app: TestApp;
  readonly id: string;
  /** What comes with every request: read by id, list, endpoint-info and a check from the database. */
  readEverything(): Promise<void>;
  sql<Row>(text: string): Promise<Row[]>;
  /** Names on the connection, in order. */
  names(): Promise<string[]>;
  /** Ends the connection as a server does that fails, and waits for the next one. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

async function start(env: Record<string, string> = {}): Promise<OneConnection> {
  const database: TestDatabase = await createTestDatabase();
  const app = await startTestApp({
    databaseUrl: database.directUrl,
    env: { DATABASE_POOL_MAX: '1', ...env },
    directory: new FileTenantDirectory(
      ['tnt_a', 'tnt_b'].map((tenant) => ({ id: tenant, partner_id: 'prt_1' })),
    ),
  });
  const admin = app.as(tenantAdmin());
  const { id, token } = (await admin.post(TOKENS).send({ name: 'Okta' }).expect(201)).body as {
    id: string;
    token: string;
  };
  const dataSource = app.provider(DataSource);
  const sql = <Row>(text: string): Promise<Row[]> => dataSource.query<Row[]>(text);
  return {
    app,
    id,
    sql,
    readEverything: async () => {
      for (const path of [TOKENS + id, TOKENS, ENDPOINT_INFO]) await admin.get(path).expect(200);
      const verifier = app.provider(ScimTokenVerifier);
      await verifier.verify(token, { tenantId: 'tnt_a', fresh: true });
      await verifier.verify(token, { anyTenant: true, fresh: true });
    },
    names: async () =>
      (
        await sql<{ name: string }>('SELECT name FROM pg_prepared_statements ORDER BY prepare_time')
      ).map(({ name }) => name),
    reconnect: async () => {
      await sql('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      await until(() =>
        sql('SELECT 1').then(
          () => true,
          () => false,
        ),
      );
    },
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

describe('Reads that come with every request', () => {
  let one: OneConnection;

  beforeAll(async () => {
    one = await start();
  });
  afterAll(() => one.close());

  it('are prepared once on a connection, and carry no value in their name', async () => {
    await one.readEverything();
    const names = await one.names();
    expect(names).toHaveLength(6);
    for (const name of names) expect(name).toMatch(/^scim_[0-9a-f]{32}$/);
    await one.readEverything();
    expect(await one.names()).toEqual(names);
  });

  it('are planned once, not for each value', async () => {
    // PostgreSQL plans the first five for their values.
    for (let times = 0; times < 7; times++) await one.readEverything();
    const plannedAnew = await one.sql(
      `SELECT statement FROM pg_prepared_statements
       WHERE name LIKE 'scim\\_%' AND generic_plans = 0`,
    );
    expect(plannedAnew).toEqual([]);
  });

  it('have few names, whatever is filtered by, sorted, and who asks', async () => {
    const { app, id } = one;
    const admins = [superAdmin(), tenantAdmin(), partnerAdmin()];
    for (const admin of admins.map((jwt) => app.as(jwt))) {
      await admin.get(TOKENS + id).expect(200);
      for (const sort of TOKEN_SORTS) {
        const list = `${TOKENS}?sort=${sort}&per_page=1`;
        const { body } = await admin.get(list).expect(200);
        await admin.get(`${list}&page=2`).expect(200);
        if (body.next_cursor) await admin.get(`${list}&cursor=${body.next_cursor}`).expect(200);
      }
    }
    const before = await one.names();
    expect(before.length).toBeLessThan(70);
    for (const filter of ['status=active', 'tenant_id=tnt_a&q=okta']) {
      for (const sort of TOKEN_SORTS) {
        await app.as(superAdmin()).get(`${TOKENS}?sort=${sort}&${filter}`).expect(200);
      }
    }
    expect(await one.names()).toEqual(before);
  });

  it('are answered when a migration overtakes their plans, and prepared anew on a new connection', async () => {
    await one.readEverything();
    const [before] = await one.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    for (const type of ['varchar(300)', 'text']) {
      await one.sql(`ALTER TABLE scim_tokens ALTER name TYPE ${type}`);
      await one.readEverything();
    }
    await one.readEverything();
    const [after] = await one.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    expect(after).not.toEqual(before);
    expect(await one.names()).toHaveLength(6);
    expect(one.app.logs()).not.toContain(TOLD);
  });

  it('are prepared anew after a failover, which is not taken for a pooler', async () => {
    await one.reconnect();
    await one.readEverything();
    expect(await one.names()).toHaveLength(6);
    expect(one.app.logs()).not.toContain(TOLD);
  });

  it('fail as they do without a name where the statement itself is at fault', async () => {
    await one.sql('ALTER TABLE scim_token_usage RENAME TO elsewhere');
    expect((await one.app.as(tenantAdmin()).get(TOKENS)).status).toBe(500);
    await one.sql('ALTER TABLE elsewhere RENAME TO scim_token_usage');
    await one.readEverything();
    expect(one.app.logs()).not.toContain(TOLD);
  });
});

describe('Where a connection does not keep what was prepared,', () => {
  const on = async (
    env: Record<string, string>,
    work: (one: OneConnection) => Promise<void>,
  ): Promise<void> => {
    const one = await start(env);
    try {
      await one.readEverything();
      await work(one);
    } finally {
      await one.close();
    }
  };

  it('a name that is unknown switches names off, once and with one line', () =>
    on({}, async (one) => {
      await one.sql('DEALLOCATE ALL');
      await one.readEverything();
      await one.readEverything();
      expect(await one.names()).toEqual([]);
      expect(one.app.logs().split(TOLD)).toHaveLength(2);
    }));

  it('a name that somebody else has given switches them off, too', () =>
    on({}, async (one) => {
      const names = await one.names();
      await one.reconnect();
      for (const name of names) await one.sql(`PREPARE "${name}" AS SELECT 1`);
      await one.readEverything();
      await one.readEverything();
      expect(await one.names()).toEqual(names);
      expect(one.app.logs().split(TOLD)).toHaveLength(2);
    }));

  it('names stay where they were asked for, on a new connection', () =>
    on({ DATABASE_PREPARED_STATEMENTS: 'on' }, async (one) => {
      await one.sql('DEALLOCATE ALL');
      await one.readEverything();
      await one.readEverything();
      expect(await one.names()).toHaveLength(6);
      expect(one.app.logs()).not.toContain(TOLD);
    }));

  it('no name is sent where that is switched off', () =>
    on({ DATABASE_PREPARED_STATEMENTS: 'off' }, async (one) => {
      expect(await one.names()).toEqual([]);
    }));
});
