import { OtherMethodInUseError, ScimTokenRevokedError } from '../../core/errors';
import type { IdentityProviderId } from '../../core/identity-providers';
import { tokenOf, type StoredSetupLink } from '../../core/setup-link';
import type { TenantPolicy } from '../../core/tenant-policies';
import { tokenStatus, type LockedToken, type TokenRow } from '../../core/token';
import { lockedToken } from '../../ledger/ledger';
import type { LedgerTransaction } from '../../ledger/ledger-transaction';
import { cancelRotation, completeRotations, previousSecret } from '../../ledger/rotation';
import { changesOf } from '../../ledger/token-changes';
import type { CreateScimTokenDto } from '../../scim-tokens/dto/create-scim-token.dto';
import { OVERLAP_DEFAULT_HOURS } from '../../scim-tokens/dto/rotate-scim-token.dto';
import { wantedChanges } from '../../scim-tokens/token-from-input';
import { rotateToken, storeToken, type MintedSecret } from '../../scim-tokens/token-writes';

/** A token as a create would make it, and the provider that it is for. */
export type WantedToken = Readonly<CreateScimTokenDto> & { readonly provider: IdentityProviderId };

/** What is to be made. */
export interface WantedValue {
  /** As a create of an administrator's who asked for the same would be. */
  readonly wanted: WantedToken;
  /** Null for a workload identity. */
  readonly minted: MintedSecret | null;
  readonly policy: TenantPolicy;
}

/** Why a token ends that nobody used, when the reader turns to another provider or method. */
const REPLACED = 'Replaced on the setup page';

const UPDATED = { entry: 'scim_token.updated', event: 'scim_token.updated' } as const;

/**
 * Makes what a link is asked for: its token, or a new value of it. One that was never used gives way to
 * another provider's or method's.
 *
 * @throws ScimTokenRevokedError, OtherMethodInUseError, TooManyActiveTokensError
 */
export async function makeValue(
  transaction: LedgerTransaction,
  link: StoredSetupLink,
  asked: WantedValue,
): Promise<TokenRow> {
  const { wanted, minted, policy } = asked;
  const id = tokenOf(link);
  if (id === null) return storeToken(transaction, wanted, { minted, ...policy });
  const row = await lockedToken(transaction, id);
  // One that was purged was revoked before.
  if (!row || row.revoked_at) throw new ScimTokenRevokedError();
  const isUsed = row.last_used_at !== null || row.secret_last_used_at !== null;
  const isKept = isUsed || link.token_id !== null;
  const sameMethod = row.auth_method === wanted.auth_method;
  if (!sameMethod && isKept) throw new OtherMethodInUseError();
  if (sameMethod && (isKept || row.provider === wanted.provider)) {
    return renew(transaction, row, asked);
  }
  await transaction.revoke([row], REPLACED);
  return storeToken(transaction, wanted, { minted, ...policy });
}

async function renew(
  transaction: LedgerTransaction,
  row: LockedToken,
  { wanted, minted, policy }: WantedValue,
): Promise<TokenRow> {
  const { provider } = wanted;
  const days = wanted.expires_in_days ?? policy.defaultTtlDays;
  const hasExpired = tokenStatus(row, transaction.now) === 'expired';
  if (hasExpired) await transaction.requireRoom(policy.maxActive);
  if (!minted) return trustAnew(transaction, row, wanted, days);
  const settled = await settledRotation(transaction, row);
  const overlapHours =
    hasExpired || settled.secret_last_used_at === null ? 0 : OVERLAP_DEFAULT_HOURS;
  return rotateToken(transaction, settled, minted, { days, overlapHours, provider });
}

/** Whoever was trusted before is not any more; access tokens end where that is another. */
async function trustAnew(
  transaction: LedgerTransaction,
  row: LockedToken,
  { trust, provider }: WantedToken,
  days: number,
): Promise<TokenRow> {
  const lifetime = row.expires_at === null ? {} : { expires_in_days: days };
  const columns = wantedChanges(
    { provider, ...(trust && { trust }), ...lifetime },
    transaction.now,
  );
  const changes = changesOf(row, { ...row, ...columns });
  if (Object.keys(changes).length === 0) return row;
  const patched = await transaction.patchOne(row, columns, UPDATED);
  if ('trust' in changes) await transaction.endAccessTokens({ tokenId: row.id });
  return patched;
}

/**
 * Ends a rotation that is under way, since a token has at most two secrets: the one that the provider uses
 * stays, to be the old one of the next rotation.
 */
async function settledRotation(
  transaction: LedgerTransaction,
  row: LockedToken,
): Promise<LockedToken> {
  const previous = await previousSecret(transaction, row.id);
  if (!previous) return row;
  const { new_first_used_at: first, previous_last_used_at: last } = row.rotation ?? {};
  if (first && (!last || last <= first)) {
    await completeRotations(transaction, [{ ...row, previous_id: previous.id }]);
  } else {
    await cancelRotation(transaction, row, previous);
  }
  return (await lockedToken(transaction, row.id)) ?? row;
}
