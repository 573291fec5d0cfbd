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
import type { StoredSetupLink } from '../core/setup-link';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import { Ledger } from '../ledger/ledger';
import type { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import { TokenAnswers } from '../scim-tokens/dto/token-answers';
import { SecretLookup } from '../verification/secret-lookup';
import type { SecretState } from '../verification/secret-state';
import { choiceWithin } from '../verification/tenant-choice';
import type { SetupLinkResponse } from '../setup/links/setup-link.response';
import { endLeaked, isLive, type Ended } from './end-leaked';
import { LeakedLinks } from './leaked-links';

/** Where a value was presented by someone who is no administrator. */
export type Finder = Omit<Doer, 'actor'>;

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
    private readonly links: LeakedLinks,
  ) {}

  /**
   * Whose value this is; a revoked token's, too. Or whose link's secret.
   *
   * @throws ScimTokenNotFoundError for whatever is neither in scope
   */
  async identify(
    { scope }: RequestContext,
    value: string,
  ): Promise<ScimTokenResponse | SetupLinkResponse> {
    const link = await this.links.find(value, scope);
    if (link) return this.links.answer(link);
    const state = await this.find(value, scope);
    const row = state && (await this.tokens.find(scope, state.tokenId));
    if (!row) throw new ScimTokenNotFoundError();
    return this.answers.of(row, this.clock.now());
  }

  /**
   * Ends the secret whose value this is: the current one with its token, which is revoked; the one that an
   * overlap still accepts alone, which completes the rotation. An access token ends alone, and so does a
   * setup link by its secret.
   *
   * @returns the token or the link as it then is
   * @throws ScimTokenNotFoundError for whatever is neither in scope
   * @throws SecretEndedError where the value had ended already: nothing is revoked, and it is recorded
   */
  async revokeByValue(
    context: RequestContext,
    value: string,
    reason: string,
  ): Promise<ScimTokenResponse | SetupLinkResponse> {
    const link = await this.links.find(value, context.scope);
    if (link) return this.links.end(context, link, reason);
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
    const link = await this.links.find(value, ALL_TENANTS);
    if (link) return this.endFoundLink(finder, link);
    const state = await this.find(value, ALL_TENANTS);
    if (!state || (liveOnly && !isLive(state, this.clock.now().getTime()))) return false;
    const context = { ...finder, actor: null, tenant: null, scope: tenants(state.tenantId) };
    return (await this.end(context, state, value, FINDER_REASON)).outcome === 'ended';
  }

  private async endFoundLink(finder: Finder, link: StoredSetupLink): Promise<boolean> {
    if (this.links.isDead(link)) return false;
    await this.links.end({ ...finder, actor: null }, link, FINDER_REASON);
    return true;
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
  ): Promise<Ended> {
    return this.ledger.change(context, state.tokenId, async (transaction, row) => {
      if (row.revoked_at) return { outcome: 'revoked_before', row };
      return endLeaked(transaction, row, { state, value, reason });
    });
  }
}
