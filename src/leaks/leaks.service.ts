import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { ScimTokenRefusedError } from '../core/refusal';
import {
  ALL_TENANTS,
  type Doer,
  type RequestContext,
  tenants,
  type TenantScope,
} from '../core/request-context';
import { ScimTokenNotFoundError, SecretEndedError } from '../core/errors';
import { type LockedToken, type TokenRow, tokenStatus } from '../core/token';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import { Ledger } from '../ledger/ledger';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import type { Changes } from '../ledger/audit-chain';
import { completeRotations, endAccessTokensOf, previousSecret } from '../ledger/rotation';
import type { Told } from '../ledger/writes';
import type { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import { TokenAnswers } from '../scim-tokens/dto/token-answers';
import { digestOfValue } from '../secrets/scim-token.secret';
import { SecretLookup } from '../verification/secret-lookup';
import type { SecretState } from '../verification/secret-state';
import { choiceWithin } from '../verification/tenant-choice';

/** Where a value was presented by someone who is no administrator. */
export type Finder = Omit<Doer, 'actor'>;

/** What became of a leaked value: the last of them had ended before. */
type Outcome = 'ended' | 'revoked_before' | 'dead';

const FINDER_REASON = 'Its value was handed in by whoever found it';

/** Values that turned up where they should not: whose they are, and their end. */
@Injectable()
export class LeaksService {
  constructor(
    private readonly lookup: SecretLookup,
    private readonly ledger: Ledger,
    private readonly tokens: ScimTokensRepository,
    private readonly clock: Clock,
    private readonly answers: TokenAnswers,
  ) {}

  /**
   * Whose value this is; a revoked token's, too.
   *
   * @throws ScimTokenNotFoundError for whatever is not the value of a token in scope
   */
  async identify({ scope }: RequestContext, value: string): Promise<ScimTokenResponse> {
    const state = await this.find(value, scope);
    const row = state && (await this.tokens.find(scope, state.tokenId));
    if (!row) throw new ScimTokenNotFoundError();
    return this.answers.of(row, this.clock.now());
  }

  /**
   * Ends the secret whose value this is: the current one with its token, which is revoked; the one that an
   * overlap still accepts alone, which completes the rotation. An access token ends alone.
   *
   * @returns the token as it then is
   * @throws ScimTokenNotFoundError for whatever is not the value of a token in scope
   * @throws SecretEndedError where the value had ended already: nothing is revoked, and it is recorded
   */
  async revokeByValue(
    context: RequestContext,
    value: string,
    reason: string,
  ): Promise<ScimTokenResponse> {
    const state = await this.find(value, context.scope);
    if (!state) throw new ScimTokenNotFoundError();
    const { outcome, row } = await this.end(context, state, value, reason);
    if (outcome === 'dead') throw new SecretEndedError();
    return this.answers.of(row, this.clock.now());
  }

  /**
   * The same for whoever holds the value: possession is the authentication.
   *
   * @param liveOnly leaves a dead value at that: recording it takes the tenant's lock, which its holder
   *   could keep busy
   * @returns whether that ended a value which worked until now
   */
  async revokeFound(finder: Finder, value: string, liveOnly: boolean): Promise<boolean> {
    const state = await this.find(value, ALL_TENANTS);
    if (!state || (liveOnly && !isLive(state, this.clock.now().getTime()))) return false;
    const context = { ...finder, actor: null, tenant: null, scope: tenants(state.tenantId) };
    return (await this.end(context, state, value, FINDER_REASON)).outcome === 'ended';
  }

  /** Null for every value that proves nothing, whatever is wrong with it. */
  private async find(value: string, scope: TenantScope): Promise<SecretState | null> {
    try {
      return await this.lookup.findAnew(value, choiceWithin(scope));
    } catch (error) {
      if (error instanceof ScimTokenRefusedError) return null;
      throw error;
    }
  }

  private end(
    context: RequestContext,
    state: SecretState,
    value: string,
    reason: string,
  ): Promise<{ outcome: Outcome; row: TokenRow }> {
    return this.ledger.change(context, state.tokenId, async (transaction, row) => {
      if (row.revoked_at) return { outcome: 'revoked_before', row };
      const leak = { state, value, reason };
      return state.secretId === null
        ? endAccessToken(transaction, row, leak)
        : endSecret(transaction, row, { ...leak, secretId: state.secretId });
    });
  }
}

/** A value that turned up, and why it is to end. */
interface Leak {
  readonly state: SecretState;
  readonly value: string;
  readonly reason: string;
}

/** An access token dies alone; its row goes, so that it is recorded once. */
async function endAccessToken(
  transaction: LedgerTransaction,
  row: LockedToken,
  { state, value, reason }: Leak,
): Promise<{ outcome: Outcome; row: TokenRow }> {
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
): Promise<{ outcome: Outcome; row: TokenRow }> {
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

function isLive(
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
