import type { Client } from 'pg';
import { until } from './until';

/** Waits until another connection to the database waits for a lock, such as one this one holds. */
export async function untilOneWaitsForALock(sql: Client): Promise<void> {
  const { rowCount: views } = await sql.query(
    `SELECT FROM pg_views WHERE viewname = 'citus_lock_waits'`,
  );
  const waiting =
    views === 0
      ? `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      : // A statement on a cluster waits on a worker.
        'SELECT FROM citus_lock_waits';
  await until(async () => {
    // Within a transaction the view stays as it was first seen.
    await sql.query('SELECT pg_stat_clear_snapshot()');
    const { rowCount } = await sql.query(waiting);
    return rowCount !== 0;
  });
}

/** Works while a table is locked, until one of the statements meanwhile has waited for it for 1.5 s. */
export async function whileLocked<Result>(
  sql: Client,
  table: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await sql.query(`BEGIN; LOCK TABLE ${table}`);
  const { rows } = await sql.query<{ begun: Date }>('SELECT clock_timestamp() AS begun');
  const result = work();
  await until(async () => {
    await sql.query('SELECT pg_stat_clear_snapshot()');
    const { rowCount } = await sql.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query_start BETWEEN $1 AND clock_timestamp() - interval '1.5 seconds'`,
      [rows[0]?.begun],
    );
    return rowCount !== 0;
  });
  await sql.query('COMMIT');
  return result;
}
