import type { Statements } from '../database/database';
import type { ResourceType } from './schema/schema';

/** Rows per count: so that creates of one tenant do not wait for each other's commit. */
const SHARDS = 16;

type Counted = ResourceType['name'];

/** How many resources of a kind a tenant has: a sum of few rows, at any number of resources. */
export async function readCount(
  database: Statements,
  tenantId: string,
  type: Counted,
): Promise<number> {
  const [row] = await database.rows<{ total: string }>(
    `SELECT coalesce(sum(count), 0) AS total FROM scim_resource_counts
     WHERE tenant_id = $1 AND resource_type = $2`,
    [tenantId, type],
  );
  return Number(row?.total ?? 0);
}

/**
 * The end of a statement that changes the count by the rows of `changed`, a WITH query before it. `$1`
 * is the tenant.
 */
export function countChange(type: Counted, changed: string, difference: 1 | -1): string {
  return `INSERT INTO scim_resource_counts AS c (tenant_id, resource_type, shard, count)
    SELECT $1, '${type}', floor(random() * ${SHARDS})::smallint, ${difference} FROM ${changed}
    ON CONFLICT (tenant_id, resource_type, shard) DO UPDATE SET count = c.count + excluded.count`;
}
