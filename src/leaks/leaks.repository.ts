import type { TenantTransaction } from '../ledger/tenant-transaction';

/** SQL about secrets whose value turned up somewhere; all of it under the tenant's lock. */
export class LeaksRepository {
  /** Whether a secret of the token has ended as of `now`. */
  async hasEnded(
    transaction: TenantTransaction,
    tokenId: string,
    secretId: string,
    now: Date,
  ): Promise<boolean> {
    const [row] = await transaction.rows<{ ended: boolean }>(
      `SELECT retired_at IS NOT NULL OR coalesce(expires_at <= $3, false) AS ended
       FROM ${transaction.tables.secrets} 
       WHERE tenant_id = $4 AND id = $1 AND token_id = $2`,
      [secretId, tokenId, now, transaction.tenantId],
    );
    return row?.ended ?? true;
  }

  /** Notes that a secret's value turned up; answers false where that is known already. */
  async markLeaked(
    transaction: TenantTransaction,
    tokenId: string,
    secretId: string,
    now: Date,
  ): Promise<boolean> {
    const marked = await transaction.affected(
      `UPDATE ${transaction.tables.secrets} SET leaked_at = $3
       WHERE tenant_id = $4 AND id = $1 AND token_id = $2 AND leaked_at IS NULL`,
      [secretId, tokenId, now, transaction.tenantId],
    );
    return marked === 1;
  }
}
