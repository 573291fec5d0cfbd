import type { QualifiedTables } from '../../database/table-names';

/** Minutes after its first use at which another one shows that the provider synchronises. */
const SYNC_MINUTES = 10;

/**
 * Setup links as `l` with their token `t`, its current secret `c`, and in `p` when their newest value was first
 * and last accepted. A secret of before is another value. Uses by access tokens are the token's: they say
 * nothing of the new secret while an old one's are still about.
 *
 * @param now parameter that holds the time
 */
export function connectionProgress(
  { setupLinks, tokens, usage, secrets }: QualifiedTables,
  now: '$1',
): string {
  return `${setupLinks} l
    JOIN ${tokens} t ON t.tenant_id = l.tenant_id AND t.id = coalesce(l.token_id, l.made_token_id)
    LEFT JOIN ${usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id
    LEFT JOIN ${secrets} c ON c.tenant_id = t.tenant_id AND c.token_id = t.id
      AND c.expires_at IS NULL AND c.retired_at IS NULL
    CROSS JOIN LATERAL (SELECT
      coalesce(l.connected_at, CASE
        WHEN t.auth_method = 'workload_identity'
          THEN CASE WHEN u.last_used_at >= l.value_made_at THEN u.last_used_at END
        WHEN c.created_at >= l.value_made_at THEN c.first_used_at END) AS first_at,
      CASE WHEN t.auth_method <> 'bearer' AND (t.rotation_ends_at IS NULL OR t.rotation_ends_at <= ${now})
        THEN greatest(c.last_used_at, u.last_used_at) ELSE c.last_used_at END AS last_at) p`;
}

/** The newest value was accepted again, long enough after the first time. */
export const SYNCED = `p.last_at >= p.first_at + interval '${SYNC_MINUTES} minutes'`;
