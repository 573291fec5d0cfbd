import { TooManyActiveTokensError } from '../core/scim-tokens.errors';
import type { TenantPolicies } from '../core/tenant-policies';
import type { TenantTransaction } from './tenant-transaction';

/** How many tokens of the locked tenant are neither revoked nor expired. */
export async function countActive(
  transaction: TenantTransaction,
  tenantId: string,
  now: Date,
): Promise<number> {
  const [row] = await transaction.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${transaction.tables.tokens}
     WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
    [tenantId, now],
  );
  return row?.count ?? 0;
}

/**
 * Sees to it that the locked tenant may have more living tokens.
 *
 * @param more how many; 1 by default
 * @throws TooManyActiveTokensError
 */
export async function requireRoom(
  transaction: TenantTransaction,
  policies: TenantPolicies,
  tenantId: string,
  now: Date,
  more = 1,
): Promise<void> {
  const { maxActive } = await policies.of(tenantId);
  const active = await countActive(transaction, tenantId, now);
  if (active + more > maxActive) throw new TooManyActiveTokensError(maxActive);
}
