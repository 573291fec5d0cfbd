import { daysAfter, HOUR_MS } from '../core/clock';
import type { LockedToken, TokenRow } from '../core/token';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { startRotation } from '../ledger/rotation';
import type { SecretHasher } from '../secrets/secret-hasher';
import { newToken, type NewTokenInput } from './token-from-input';

/** A secret that was minted before any lock was held. */
export type MintedSecret = Awaited<ReturnType<SecretHasher['mint']>>;

/** What a new token is stored with. */
interface NewTokenTerms {
  /** Null for a workload identity. */
  readonly minted: MintedSecret | null;
  readonly defaultTtlDays: number;
  readonly maxActive: number;
}

/**
 * Stores a new token of the locked tenant.
 *
 * @throws TooManyActiveTokensError
 */
export async function storeToken(
  transaction: LedgerTransaction,
  input: Readonly<NewTokenInput>,
  { minted, defaultTtlDays, maxActive }: NewTokenTerms,
): Promise<TokenRow> {
  await transaction.requireRoom(maxActive);
  const { tenantId, actor, now } = transaction;
  const secret = minted?.secret ?? null;
  const face = { tokenPrefix: minted?.prefix ?? null, lastFour: secret?.lastFour ?? null };
  const token = newToken({ tenantId, actor, now, defaultTtlDays, ...face }, input);
  await transaction.create([{ token, secret }]);
  return token;
}

/** What a token's new secret comes with. */
interface RotationTerms {
  readonly days: number;
  readonly overlapHours: number;
  /** Whom the new value is for; undefined: as before. */
  readonly provider?: TokenRow['provider'];
}

/** Gives a token a new secret; the old one ends with the overlap, and no later than the new one. */
export async function rotateToken(
  transaction: LedgerTransaction,
  row: LockedToken,
  { secret, prefix }: MintedSecret,
  { days, overlapHours, provider = row.provider }: RotationTerms,
): Promise<TokenRow> {
  const { now } = transaction;
  const expiresAt = daysAfter(now, days);
  const overlapEnd = now.getTime() + overlapHours * HOUR_MS;
  const endsAt = new Date(Math.min(overlapEnd, expiresAt.getTime()));
  const terms = { expiresAt, endsAt, provider };
  const rotated = await startRotation(transaction, row, { secret, prefix }, terms);
  const rotation = {
    started_at: now,
    previous_last_four: row.last_four,
    previous_expires_at: endsAt,
    previous_last_used_at: row.secret_last_used_at,
    new_first_used_at: null,
  };
  return { ...rotated, rotation };
}
