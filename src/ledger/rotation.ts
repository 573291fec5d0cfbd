import type { StoredToken, TokenRow } from '../core/token';
import type { Changes } from './audit-chain';
import type { LedgerTransaction } from './ledger-transaction';
import { mustBe } from './locked-tenant';
import type { NewSecret } from './writes';

/** The secret that a rotation is about to end. */
export interface PreviousSecret {
  readonly id: string;
  readonly last_four: string | null;
  readonly expires_at: Date;
  /** The token's expiry and visible prefix before the rotation. */
  readonly former_expires_at: Date;
  readonly former_token_prefix: string | null;
}

/** A token under rotation, with its old secret's id. */
export type RotatedToken = StoredToken & { readonly previous_id: string };

/** The old secret of a rotation that is under way. */
export async function previousSecret(
  transaction: LedgerTransaction,
  tokenId: string,
): Promise<PreviousSecret | null> {
  const [row] = await transaction.rows<PreviousSecret>(
    `SELECT id, last_four, expires_at, former_expires_at, former_token_prefix
     FROM ${transaction.tables.secrets}
     WHERE tenant_id = $1 AND token_id = $2 AND retired_at IS NULL AND expires_at > $3`,
    [transaction.tenantId, tokenId, transaction.now],
  );
  return row ?? null;
}

/** What holds of a token once its new secret is there. */
interface NewTerms extends Pick<StoredToken, 'provider'> {
  readonly expiresAt: Date;
  /** When the old secret ends. */
  readonly endsAt: Date;
}

/**
 * Puts a new secret in the place of the current one, which ends then: at once, if that is now.
 *
 * @param prefix visible start of the new value
 */
export async function startRotation<Token extends StoredToken>(
  transaction: LedgerTransaction,
  token: Token,
  { secret, prefix }: { readonly secret: NewSecret; readonly prefix: string },
  { expiresAt, endsAt, provider }: NewTerms,
): Promise<Token> {
  const { now, tables, tenantId } = transaction;
  await transaction.rows(
    `UPDATE ${tables.secrets} SET retired_at = expires_at
     WHERE tenant_id = $1 AND token_id = $2 AND retired_at IS NULL AND expires_at <= $3`,
    [tenantId, token.id, now],
  );
  await transaction.changeOne(
    `UPDATE ${tables.secrets}
     SET expires_at = $3, retired_at = $4, former_expires_at = $5, former_token_prefix = $6,
         stalled_at = NULL
     WHERE tenant_id = $1 AND token_id = $2 AND expires_at IS NULL AND retired_at IS NULL`,
    [tenantId, token.id, endsAt, endsAt <= now ? now : null, token.expires_at, token.token_prefix],
  );
  await transaction.insertSecrets([{ tokenId: token.id, secret }]);
  const face = {
    expires_at: expiresAt,
    token_prefix: prefix,
    last_four: secret.lastFour,
    rotation_ends_at: endsAt <= now ? null : endsAt,
    provider,
  };
  return transaction.patchOne(token, face, {
    entry: 'scim_token.rotated',
    event: 'scim_token.rotated',
    changes: endMoved(null, endsAt),
  });
}

/**
 * Ends the old secrets of tokens under rotation: now, or when their overlap was over.
 *
 * @param changes what else the trail says of each
 */
export async function completeRotations<Token extends RotatedToken>(
  transaction: LedgerTransaction,
  rotated: readonly Token[],
  changes: Changes = {},
): Promise<(Token & Pick<TokenRow, 'rotation'>)[]> {
  const ended = await transaction.rows<{ token_id: string; expires_at: Date; retired_at: Date }>(
    `UPDATE ${transaction.tables.secrets} SET retired_at = least(expires_at, $2)
     WHERE tenant_id = $1 AND id = ANY($3::uuid[]) AND retired_at IS NULL
     RETURNING token_id, expires_at, retired_at`,
    [transaction.tenantId, transaction.now, rotated.map(({ previous_id }) => previous_id)],
  );
  mustBe(ended.length === rotated.length);
  const moved = new Map(
    ended.map(({ token_id, expires_at, retired_at }) => [
      token_id,
      endMoved(expires_at, retired_at),
    ]),
  );
  const completed = await transaction.patch(rotated, { rotation_ends_at: null }, ({ id }) => ({
    entry: 'scim_token.rotation_completed',
    event: 'scim_token.updated',
    changes: { ...moved.get(id), ...changes },
  }));
  return completed.map((token) => ({ ...token, rotation: null }));
}

/**
 * Ends the access tokens that a secret got.
 *
 * @returns what the trail says of it, where there were any
 */
export async function endAccessTokensOf(
  transaction: LedgerTransaction,
  secret: { readonly tokenId: string; readonly secretId: string },
): Promise<Changes> {
  const ended = await transaction.endAccessTokens(secret);
  return ended === 0 ? {} : { access_tokens_ended: { from: null, to: ended } };
}

/** Ends the new secret now: the old one is current again, with the expiry that the token had. */
export async function cancelRotation<Token extends StoredToken>(
  transaction: LedgerTransaction,
  token: Token,
  previous: PreviousSecret,
): Promise<Token & Pick<TokenRow, 'rotation'>> {
  const { now, tables, tenantId } = transaction;
  await transaction.changeOne(
    `UPDATE ${tables.secrets} SET expires_at = $3, retired_at = $3, former_token_prefix = $4
     WHERE tenant_id = $1 AND token_id = $2 AND expires_at IS NULL AND retired_at IS NULL`,
    [tenantId, token.id, now, token.token_prefix],
  );
  await transaction.changeOne(
    `UPDATE ${tables.secrets}
     SET expires_at = NULL, former_expires_at = NULL, former_token_prefix = NULL, stalled_at = NULL
     WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL AND expires_at > $3`,
    [tenantId, previous.id, now],
  );
  const face = {
    expires_at: previous.former_expires_at,
    token_prefix: previous.former_token_prefix,
    last_four: previous.last_four,
    rotation_ends_at: null,
  };
  const cancelled = await transaction.patchOne(token, face, {
    entry: 'scim_token.rotation_cancelled',
    event: 'scim_token.updated',
    changes: endMoved(previous.expires_at, null),
  });
  return { ...cancelled, rotation: null };
}

/** The end of the old secret, as the trail tells it. */
function endMoved(from: Date | null, to: Date | null): Changes {
  return {
    previous_expires_at: { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null },
  };
}
