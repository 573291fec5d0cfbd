import type { Changes } from '../ledger/audit-chain';
import { type LockedToken, type TokenRow, tokenStatus } from '../core/token';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { completeRotations, endAccessTokensOf, previousSecret } from '../ledger/rotation';
import type { Told } from '../ledger/writes';
import { digestOfValue } from '../secrets/scim-token.secret';
import type { SecretState } from '../verification/secret-state';

/** A value that turned up, and why it is to end. */
export interface Leak {
  readonly state: SecretState;
  readonly value: string;
  readonly reason: string;
}

/** What became of a value that turned up. */
export interface Ended {
  /** Dead is one that had ended before. */
  readonly outcome: 'ended' | 'revoked_before' | 'dead';
  /** Its token, as it then is. */
  readonly row: TokenRow;
}

/** Ends a value that turned up, of a token that is not revoked, and tells of it. */
export function endLeaked(
  transaction: LedgerTransaction,
  row: LockedToken,
  leak: Leak,
): Promise<Ended> {
  const { secretId } = leak.state;
  return secretId === null
    ? endAccessToken(transaction, row, leak)
    : endSecret(transaction, row, { ...leak, secretId });
}

/** An access token dies alone; its row goes, so that it is recorded once. */
async function endAccessToken(
  transaction: LedgerTransaction,
  row: LockedToken,
  { state, value, reason }: Leak,
): Promise<Ended> {
  const now = transaction.now.getTime();
  const live = isLive({ ...state, expiresAt: row.expires_at?.getTime() ?? Infinity }, now);
  const valueHash = digestOfValue(value);
  const ended = await transaction.endAccessTokens({ tokenId: row.id, valueHash });
  if (ended === 0) return { outcome: 'dead', row };
  const facts = { kind: 'access_token', live, ...(live && { reason }) };
  transaction.tell(row, leaked(value.slice(-4), facts));
  return { outcome: live ? 'ended' : 'dead', row };
}

/** With a client secret end the access tokens that it got, by whomever. */
async function endSecret(
  transaction: LedgerTransaction,
  row: LockedToken,
  { value, reason, secretId }: Leak & { readonly secretId: string },
): Promise<Ended> {
  const tokenId = row.id;
  const lastFour = value.slice(-4);
  const { ended, known } = await markLeaked(transaction, tokenId, secretId);
  const accessTokens = await endAccessTokensOf(transaction, { tokenId, secretId });
  if (ended || tokenStatus(row, transaction.now) === 'expired') {
    // Once for each secret: whoever holds a dead value could fill the trail with it.
    if (!known) transaction.tell(row, leaked(lastFour, { live: false }, accessTokens));
    return { outcome: 'dead', row };
  }
  const previous = await previousSecret(transaction, tokenId);
  if (previous?.id !== secretId) {
    const told = leaked(lastFour, { live: true }, accessTokens);
    const [revoked] = await transaction.revoke([row], reason, told);
    return { outcome: 'ended', row: { ...row, ...revoked } };
  }
  const [completed = row] = await completeRotations(transaction, [
    { ...row, previous_id: secretId },
  ]);
  transaction.tell(row, leaked(lastFour, { live: true, reason }, accessTokens));
  return { outcome: 'ended', row: completed };
}

/** Whether a value still works, as far as time and its token's revocation go. */
export function isLive(
  { revoked, expiresAt, endsAt }: Pick<SecretState, 'revoked' | 'expiresAt' | 'endsAt'>,
  now: number,
): boolean {
  return !revoked && expiresAt > now && (endsAt === null || endsAt > now);
}

/** What is told of a value that turned up, which need not be the token's current one. */
function leaked(
  lastFour: string,
  facts: Readonly<Record<string, unknown>>,
  others: Changes = {},
): Told {
  const changes = Object.entries({ ...facts, last_four: lastFour }).map(
    ([fact, to]) => [fact, { from: null, to }] as const,
  );
  return {
    entry: 'scim_token.leaked',
    event: 'scim_token.leaked',
    changes: { ...Object.fromEntries(changes), ...others },
    lastFour,
  };
}

/** Notes that a secret's value turned up: whether that was known, and whether it has ended. */
async function markLeaked(
  transaction: LedgerTransaction,
  tokenId: string,
  secretId: string,
): Promise<{ readonly ended: boolean; readonly known: boolean }> {
  const { secrets } = transaction.tables;
  const [marked] = await transaction.rows<{ ended: boolean; known: boolean }>(
    `UPDATE ${secrets} s SET leaked_at = coalesce(s.leaked_at, $3) FROM ${secrets} before
     WHERE s.tenant_id = $4 AND s.id = $1 AND s.token_id = $2
       AND before.tenant_id = s.tenant_id AND before.id = s.id
     RETURNING before.leaked_at IS NOT NULL AS known,
               s.retired_at IS NOT NULL OR coalesce(s.expires_at <= $3, false) AS ended`,
    [secretId, tokenId, transaction.now, transaction.tenantId],
  );
  return marked ?? { ended: true, known: true };
}
