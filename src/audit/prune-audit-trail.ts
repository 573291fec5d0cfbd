import type { DataSource } from 'typeorm';
import { qualifiedTables } from '../database/table-names';

/**
 * Removes the entries of a tenant that are older than a time, and records where the trail begins now:
 * what remains can still be verified. Verify before: a break in what is removed shows no more.
 *
 * @returns how many were removed
 */
export async function pruneAuditTrail(
  dataSource: DataSource,
  tenantId: string,
  before: Date,
): Promise<number> {
  const { tenants, events } = qualifiedTables(dataSource);
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT 1 FROM ${tenants} WHERE tenant_id = $1 FOR UPDATE`, [tenantId]);
    // Up to the first entry that stays, whatever the times of later ones: the order is that of seq.
    const [last] = await manager.query<{ seq: string; hash: string }[]>(
      `SELECT seq, hash FROM ${events}
       WHERE tenant_id = $1 AND seq < coalesce(
         (SELECT min(seq) FROM ${events} WHERE tenant_id = $1 AND at >= $2),
         (SELECT max(seq) + 1 FROM ${events} WHERE tenant_id = $1))
       ORDER BY seq DESC LIMIT 1`,
      [tenantId, before],
    );
    if (!last) return 0;
    await manager.query(
      `UPDATE ${tenants} SET checkpoint_seq = $2, checkpoint_hash = $3 WHERE tenant_id = $1`,
      [tenantId, last.seq, last.hash],
    );
    const [, removed] = await manager.query<[unknown, number]>(
      `DELETE FROM ${events} WHERE tenant_id = $1 AND seq <= $2`,
      [tenantId, last.seq],
    );
    return removed;
  });
}
