import type { Client } from 'pg';
import { until } from './until';

/** Waits until another connection to the database waits for a lock, such as one this one holds. */
export function untilOneWaitsForALock(sql: Client): Promise<void> {
  return until(async () => {
    // Within a transaction the view stays as it was first seen.
    await sql.query('SELECT pg_stat_clear_snapshot()');
    const { rowCount } = await sql.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rowCount !== 0;
  });
}
