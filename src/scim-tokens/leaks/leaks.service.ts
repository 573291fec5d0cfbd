import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import type { RequestContext } from '../../tenancy/request-context';
import { tenants } from '../../tenancy/tenant-scope';
import { recordBy } from '../audit/record';
import type { ScimTokenResponse } from '../dto/scim-token.response';
import { toScimToken } from '../dto/to-scim-token';
import { LockedTokens } from '../locked-tokens';
import { ScimTokenNotFoundError, SecretEndedError } from '../scim-tokens.errors';
import { ScimTokensRepository } from '../scim-tokens.repository';
import type { LockedToken, TokenRow } from '../token-row';
import type { TenantTransaction } from '../tenant-transaction';
import { ScimTokenRefusedError } from '../verification/refusal';
import { SecretLookup } from '../verification/secret-lookup';
import type { SecretState } from '../verification/secret-state';
import { LeaksRepository } from './leaks.repository';

/** Where a value was presented by someone who is no administrator. */
export type Finder = Pick<RequestContext, 'ip' | 'userAgent' | 'requestId'>;

/** What became of a leaked value. */
type Outcome = 'revoked' | 'revoked_before' | 'dead';

const FINDER_REASON = 'Its value was handed in by whoever found it';

/** Values that turned up where they should not: whose they are, and their end. */
@Injectable()
export class LeaksService {
  constructor(
    private readonly lookup: SecretLookup,
    private readonly tokens: LockedTokens,
    private readonly repository: LeaksRepository,
    private readonly tokensRepository: ScimTokensRepository,
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
   * Revokes the token whose value this is.
   *
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
   * Revokes the token whose value this is, for whoever holds it: possession is the authentication.
   *
   * @param liveOnly leaves a dead value at that: recording it takes the tenant's lock, which its holder
   *   could keep busy
   * @returns whether that ended a token which worked until now
   */
  async revokeFound(finder: Finder, value: string, liveOnly: boolean): Promise<boolean> {
    const state = await this.find(value);
    if (!state || (liveOnly && !isLive(state, this.clock.now().getTime()))) return false;
    const context = { ...finder, actor: null, tenant: null, scope: tenants(state.tenantId) };
    return (await this.end(context, state, value, FINDER_REASON)).outcome === 'revoked';
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
      const ended = await this.repository.hasEnded(transaction, secretId, now);
      const lastFour = value.slice(-4);
      if (ended || row.expires_at <= now) {
        await this.noteDead(transaction, context, row, lastFour, now);
        return { outcome: 'dead', row };
      }
      const by = { actor: context.actor, at: now, reason };
      await this.tokensRepository.revoke(transaction, row, by);
      transaction.addListed(-1);
      recordBy(transaction, context, 'scim_token.leaked', row, now, {
        ...leaked(lastFour, true),
        revoked_at: { from: null, to: now.toISOString() },
        revocation_reason: { from: null, to: reason },
      });
      tell(transaction, context, row, now);
      const revoked = { revoked_at: now, revoked_by: context.actor, revocation_reason: reason };
      const version = row.version + 1;
      return { outcome: 'revoked', row: { ...row, ...revoked, updated_at: now, version } };
    });
  }

  /** Once for each dead value: whoever holds one could fill the trail with it. */
  private async noteDead(
    transaction: TenantTransaction,
    context: RequestContext,
    row: LockedToken,
    lastFour: string,
    now: Date,
  ): Promise<void> {
    if (await this.repository.isRecorded(transaction, row, lastFour)) return;
    recordBy(transaction, context, 'scim_token.leaked', row, now, leaked(lastFour, false));
    tell(transaction, context, row, now);
  }
}

function isLive({ revoked, expiresAt, endsAt }: SecretState, now: number): boolean {
  return !revoked && expiresAt > now && (endsAt === null || endsAt > now);
}

function leaked(lastFour: string, live: boolean) {
  return { live: { from: null, to: live }, last_four: { from: null, to: lastFour } };
}

function tell(
  transaction: TenantTransaction,
  { actor }: RequestContext,
  token: TokenRow,
  at: Date,
): void {
  transaction.notify({ type: 'scim_token.leaked', at, token, actor });
}
