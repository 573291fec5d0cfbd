import type { QueryRunner } from 'typeorm';
import type { QualifiedTables } from '../database/table-names';
import type { FailureCount } from './usage-buffer';
import { onlyTenant } from './write-batches';

/** Links whose newest value was made and has not synced yet: few, and in an index of their own. */
export const WATCHED =
  'l.value_made_at IS NOT NULL AND l.synced_at IS NULL AND l.revoked_at IS NULL';

/**
 * Adds failures to what the tenant's setup links have seen since their newest value was made. Of those that
 * were gathered from before until after it the last one alone is certain to belong there.
 */
export async function countForSetupLinks(
  runner: QueryRunner,
  { setupLinks, setupFailures }: Pick<QualifiedTables, 'setupLinks' | 'setupFailures'>,
  failures: readonly FailureCount[],
): Promise<void> {
  const only = onlyTenant(failures, 8);
  await runner.query(
    `INSERT INTO ${setupFailures} AS n
       (tenant_id, link_id, hint, value_made_at, count, first_at, last_at, last_claims)
     SELECT l.tenant_id, l.id, f.hint, l.value_made_at,
            sum(CASE WHEN f.first_at >= l.value_made_at THEN f.count ELSE 1 END),
            min(CASE WHEN f.first_at >= l.value_made_at THEN f.first_at ELSE f.last_at END), max(f.last_at),
            (array_agg(f.claims ORDER BY f.last_at DESC)
              FILTER (WHERE f.claims IS NOT NULL AND f.token_id = coalesce(l.token_id, l.made_token_id)))[1]
     FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
                 $7::jsonb[]) AS f (tenant_id, token_id, hint, count, first_at, last_at, claims)
     JOIN ${setupLinks} l ON l.tenant_id = f.tenant_id ${only.of('l')}
       AND ${WATCHED} AND f.last_at >= l.value_made_at AND f.last_at < l.expires_at
     GROUP BY l.tenant_id, l.id, f.hint ORDER BY l.tenant_id, l.id, f.hint
     ON CONFLICT (tenant_id, link_id, hint) DO UPDATE
     SET value_made_at = excluded.value_made_at,
         count = excluded.count + CASE WHEN n.value_made_at = excluded.value_made_at THEN n.count ELSE 0 END,
         first_at = CASE WHEN n.value_made_at = excluded.value_made_at
           THEN least(n.first_at, excluded.first_at) ELSE excluded.first_at END,
         last_at = greatest(n.last_at, excluded.last_at),
         last_claims = CASE WHEN n.value_made_at = excluded.value_made_at
           THEN coalesce(excluded.last_claims, n.last_claims) ELSE excluded.last_claims END
     WHERE n.value_made_at <= excluded.value_made_at`,
    [
      failures.map(({ tenantId }) => tenantId),
      failures.map(({ tokenId }) => tokenId),
      failures.map(({ hint }) => hint),
      failures.map(({ count }) => count),
      failures.map(({ firstAt }) => new Date(firstAt)),
      failures.map(({ lastAt }) => new Date(lastAt)),
      failures.map(({ claims }) => (claims ? JSON.stringify(claims) : null)),
      ...only.values,
    ],
  );
}
