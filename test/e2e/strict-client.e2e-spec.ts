import { Pool } from 'pg';
import { StrictClient } from '../../src/database/strict-client';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';

/** More than a busy machine takes for what takes no time. */
const GIVE_UP_MS = 1_000;

describe('A connection', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    pool = new Pool({
      // A pooler has backends of its own.
      connectionString: database.directUrl,
      Client: StrictClient,
      query_timeout: GIVE_UP_MS,
      max: 1,
    });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const backend = async (): Promise<number> =>
    (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

  // The pool ends a connection itself where a statement that it was asked for fails.
  const byItself = async (sql: string): Promise<unknown> => {
    const client = await pool.connect();
    return client.query(sql).finally(() => {
      client.release();
    });
  };

  it('answers a statement with and without values, to a promise and to a callback', async () => {
    const client = await pool.connect();
    await expect(client.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await expect(client.query('SELECT $1::int AS one', [1])).resolves.toMatchObject({
      rows: [{ one: 1 }],
    });
    await expect(client.query({ text: 'SELECT 1 AS one' })).resolves.toMatchObject({ rowCount: 1 });
    const rows = await new Promise((resolve) => {
      client.query('SELECT $1::int AS one', [2], (_, result) => {
        resolve(result.rows);
      });
    });
    expect(rows).toEqual([{ one: 2 }]);
    client.release();
  });

  it('stays in use after a statement that fails', async () => {
    const pid = await backend();
    const client = await pool.connect();
    await expect(client.query('SELECT $1::int / 0', [1])).rejects.toMatchObject({ code: '22012' });
    client.release();
    expect(await backend()).toBe(pid);
  });

  it.each([
    ['through the pool', (sql: string) => pool.query(sql)],
    ['by itself', byItself],
  ])(
    'ends once a statement took too long, asked %s, and another takes its place',
    async (_, ask) => {
      const pid = await backend();
      await expect(ask('SELECT pg_sleep(3)')).rejects.toThrow('Query read timeout');
      expect(await backend()).not.toBe(pid);
    },
  );

  it('ends with a write that a read-only server refuses', async () => {
    const pid = await backend();
    await expect(byItself('BEGIN READ ONLY; CREATE TABLE t ()')).rejects.toMatchObject({
      code: '25006',
    });
    expect(await backend()).not.toBe(pid);
  });
});
