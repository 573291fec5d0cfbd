import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import type { RequestContext } from '../core/request-context';
import { tenants } from '../core/tenant-scope';
import { recordBy } from '../ledger/record';
import type { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import { toScimToken } from '../scim-tokens/dto/to-scim-token';
import { LockedTokens } from '../ledger/locked-tokens';
import { RotationService } from '../rotation/rotation.service';
import { ScimTokenNotFoundError, SecretEndedError } from '../core/scim-tokens.errors';
import { ScimTokensRepository } from '../scim-tokens/scim-tokens.repository';
import type { LockedToken, TokenRow } from '../core/token-row';
import type { TenantTransaction } from '../ledger/tenant-transaction';
import { ScimTokenRefusedError } from '../core/refusal';
import { SecretLookup } from '../verification/secret-lookup';
import type { SecretState } from '../verification/secret-state';
import { LeaksRepository } from './leaks.repository';

/** Where a value was presented by someone who is no administrator. */
export type Finder = Pick<RequestContext, 'ip' | 'userAgent' | 'requestId'>;

/** What became of a leaked value: the last of them had ended before. */
type Outcome = 'ended' | 'revoked_before' | 'dead';

/** A value that turned up, and whose it is. */
interface Leak {
  readonly context: RequestContext;
  readonly row: LockedToken;
  readonly lastFour: string;
  readonly reason: string;
  readonly now: Date;
}

const FINDER_REASON = 'Its value was handed in by whoever found it';

/** Values that turned up where they should not: whose they are, and their end. */
@Injectable()
export class LeaksService {
  constructor(
    private readonly lookup: SecretLookup,
    private readonly tokens: LockedTokens,
    private readonly repository: LeaksRepository,
    private readonly tokensRepository: ScimTokensRepository,
    private readonly rotations: RotationService,
    private readonly clock: Clock,
  ) {}

  /**
   * Whose value this is; a revoked token's, too.
   *
   * @throws ScimTokenNotFoundError for whatever is not the value of a token in scope
   */
  async identify({ scope }: RequestContext, value: string): Promise<ScimTokenResponse> {
    const state = await this.find(value);
    const row = state && (await this.tokensRepository.find(scope, state.tokenId));
    if (!row) throw new ScimTokenNotFoundError();
    return toScimToken(row, this.clock.now());
  }

  /**
   * Ends the secret whose value this is: the current one with its token, which is revoked; the one that an
   * overlap still accepts alone, which completes the rotation.
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
    const state = await this.find(value);
    if (!state) throw new ScimTokenNotFoundError();
    const { outcome, row } = await this.end(context, state, value, reason);
    if (outcome === 'dead') throw new SecretEndedError();
    return toScimToken(row, this.clock.now());
  }

  /**
   * The same for whoever holds the value: possession is the authentication.
   *
   * @param liveOnly leaves a dead value at that: recording it takes the tenant's lock, which its holder
   *   could keep busy
   * @returns whether that ended a value which worked until now
   */
  async revokeFound(finder: Finder, value: string, liveOnly: boolean): Promise<boolean> {
    const state = await this.find(value);
    if (!state || (liveOnly && !isLive(state, this.clock.now().getTime()))) return false;
    const context = { ...finder, actor: null, tenant: null, scope: tenants(state.tenantId) };
    return (await this.end(context, state, value, FINDER_REASON)).outcome === 'ended';
  }

  /** Null for every value that proves nothing, whatever is wrong with it. */
  private async find(value: string): Promise<SecretState | null> {
    try {
      return await this.lookup.findAnew(value);
    } catch (error) {
      if (error instanceof ScimTokenRefusedError) return null;
      throw error;
    }
  }

  private end(
    context: RequestContext,
    { tokenId, secretId }: SecretState,
    value: string,
    reason: string,
  ): Promise<{ outcome: Outcome; row: TokenRow }> {
    return this.tokens.change(context, tokenId, async (transaction, row) => {
      if (row.revoked_at) return { outcome: 'revoked_before', row };
      const now = this.clock.now();
      const leak: Leak = { context, row, lastFour: value.slice(-4), reason, now };
      const ended = await this.repository.hasEnded(transaction, tokenId, secretId, now);
      const isNews = await this.repository.markLeaked(transaction, tokenId, secretId, now);
      if (ended || row.expires_at <= now) {
        // Once for each secret: whoever holds a dead value could fill the trail with it.
        if (isNews) record(transaction, leak, { live: false });
        return { outcome: 'dead', row };
      }
      const rotated = await this.rotations.completeWith(transaction, context, row, secretId, now);
      if (rotated) record(transaction, leak, { live: true, reason });
      return { outcome: 'ended', row: rotated ?? (await this.revoke(transaction, leak)) };
    });
  }

  private async revoke(transaction: TenantTransaction, leak: Leak): Promise<TokenRow> {
    const { context, row, reason, now } = leak;
    await this.tokensRepository.revoke(transaction, row, {
      actor: context.actor,
      at: now,
      reason,
    });
    transaction.addListed(-1);
    record(transaction, leak, {
      live: true,
      revoked_at: now.toISOString(),
      revocation_reason: reason,
    });
    const revoked = { revoked_at: now, revoked_by: context.actor, revocation_reason: reason };
    return { ...row, ...revoked, updated_at: now, version: row.version + 1 };
  }
}

function isLive({ revoked, expiresAt, endsAt }: SecretState, now: number): boolean {
  return !revoked && expiresAt > now && (endsAt === null || endsAt > now);
}

function record(
  transaction: TenantTransaction,
  { context, row, lastFour, now }: Leak,
  facts: Readonly<Record<string, unknown>>,
): void {
  const changes = Object.entries({ ...facts, last_four: lastFour }).map(
    ([fact, to]) => [fact, { from: null, to }] as const,
  );
  recordBy(transaction, context, 'scim_token.leaked', row, now, Object.fromEntries(changes));
  // Of the value that turned up, which need not be the token's current one.
  const token = { ...row, last_four: lastFour };
  transaction.notify({ type: 'scim_token.leaked', at: now, token, actor: context.actor });
}
