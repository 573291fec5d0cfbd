import type { TenantTransaction } from './tenant-transaction';
import type { HashedSecret } from '../secrets/secret-hasher';

/** A secret to store: its public parts and its hashes, never the value. */
export interface NewSecret extends HashedSecret {
  readonly id: string;
  readonly lookupId: string;
  readonly lastFour: string;
}

/** Stores a token's secret; the token has no other current one, or the statement fails. */
export async function insertSecret(
  transaction: TenantTransaction,
  tokenId: string,
  secret: NewSecret,
  createdAt: Date,
): Promise<void> {
  await transaction.affected(
    `INSERT INTO ${transaction.tables.secrets}
       (tenant_id, id, token_id, format, lookup_id, secret_hash, secret_mac, pepper_id, last_four, created_at)
     VALUES ($1,$2,$3,'native',$4,$5,$6,$7,$8,$9)`,
    [
      transaction.tenantId,
      secret.id,
      tokenId,
      secret.lookupId,
      secret.secretHash,
      secret.secretMac,
      secret.pepperId,
      secret.lastFour,
      createdAt,
    ],
  );
}
