import { DataSource } from 'typeorm';
import { Client } from 'pg';
import { dataSourceOptions } from './data-source.options';

/** Key of the advisory lock under which instances migrate one after the other ("scim" in ASCII). */
export const MIGRATION_LOCK = 0x7363696d;

/**
 * Brings the schema up to date. Instances may start together: a session-level advisory lock lets one
 * migrate while the others wait. Needs a direct connection, since a pooler in transaction mode grants
 * such a lock to several clients.
 *
 * @returns the names of the migrations that ran
 */
export async function runMigrations(url: string, schema = 'public'): Promise<string[]> {
  const lock = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await lock.query(`CREATE SCHEMA IF NOT EXISTS ${lock.escapeIdentifier(schema)}`);
    const dataSource = new DataSource(
      dataSourceOptions({ url, schema, poolMax: 1, queryTimeoutMs: 0 }),
    );
    await dataSource.initialize();
    try {
      const ran = await dataSource.runMigrations({ transaction: 'each' });
      return ran.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
}
