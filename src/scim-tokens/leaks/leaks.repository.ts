import type { TenantTransaction } from '../tenant-transaction';

/** SQL about secrets whose value turned up somewhere; all of it under the tenant's lock. */
export class LeaksRepository {
  /** Whether a secret has ended as of `now`. */
  async hasEnded(transaction: TenantTransaction, secretId: string, now: Date): Promise<boolean> {
    const [row] = await transaction.rows<{ ended: boolean }>(
      `SELECT retired_at IS NOT NULL OR coalesce(expires_at <= $2, false) AS ended
       FROM ${transaction.tables.secrets} WHERE id = $1`,
      [secretId, now],
    );
    return row?.ended ?? true;
  }

  /** Whether it is recorded already that this dead value of the token turned up. */
  async isRecorded(
    transaction: TenantTransaction,
    token: { readonly id: string; readonly tenant_id: string },
    lastFour: string,
  ): Promise<boolean> {
    const [row] = await transaction.rows<{ recorded: boolean }>(
      `SELECT EXISTS (
         SELECT FROM ${transaction.tables.events}
         WHERE token_id = $1 AND tenant_id = $2 AND type = 'scim_token.leaked'
           AND changes @> jsonb_build_object('last_four', jsonb_build_object('to', $3::text),
                                             'live', jsonb_build_object('to', false))
       ) AS recorded`,
      [token.id, token.tenant_id, lastFour],
    );
    return row?.recorded === true;
  }
}
