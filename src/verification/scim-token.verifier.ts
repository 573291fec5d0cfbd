import { type ScimScope, toTokenId } from '../core/token';
import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { isElsewhere } from '../core/ip-address';
import { ScimTokenRefusedError } from '../core/refusal';
import { readAuthorization } from '../http/authorization';
import { hintOfHeader, objectionTo } from './checks';
import { SecretLookup } from './secret-lookup';
import type { SecretState } from './secret-state';
import { UsageWriter } from '../usage/usage-writer';
import { requireTenantChoice, type TenantChoice } from './tenant-choice';
import { VerificationMetrics } from './verification-metrics';

/** Where a value was presented, and what for. */
export type VerifyOptions = TenantChoice & {
  /** The client's address; a token with `allowed_ips` is refused without one. */
  readonly ip?: string | null | undefined;
  /** Kept as the token's last user agent. */
  readonly userAgent?: string | null | undefined;
  /** Scopes that the request needs, all of them; none by default. */
  readonly scopes?: readonly ScimScope[];
  /** Reads the token's state from the database, whatever is remembered of it. */
  readonly fresh?: boolean;
};

/** Who presented an accepted token. */
export interface VerifiedScimToken {
  /** `sct_…` */
  readonly tokenId: string;
  /** The tenant whose token it is. */
  readonly tenantId: string;
  /** What it may do; those that were asked for are among them. */
  readonly scopes: readonly ScimScope[];
  /** When the presented secret, or the access token, was made. */
  readonly issuedAt: Date;
  /** When that stops working, if nothing changes. */
  readonly expiresAt: Date;
  /** The client that fetched it, where an access token was presented: the token's id again. */
  readonly clientId?: string;
}

/**
 * Checks the bearer tokens of SCIM requests. A token that was seen within the last seconds costs no I/O;
 * one whose state is not known costs a single indexed read.
 */
@Injectable()
export class ScimTokenVerifier {
  constructor(
    private readonly lookup: SecretLookup,
    private readonly usage: UsageWriter,
    private readonly metrics: VerificationMetrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Accepts a value, or rejects with the reason.
   *
   * @param value what an identity provider sent after `Bearer `
   * @throws ScimTokenRefusedError with its `reason`. Tell it to the log, never to whoever sent the value
   * @throws ServiceUnavailableError where the check cannot be made at the moment: answer 503, never 401
   */
  async verify(value: string, options: VerifyOptions): Promise<VerifiedScimToken> {
    requireTenantChoice(options);
    const now = this.clock.now().getTime();
    try {
      const found = options.fresh
        ? this.lookup.findAnew(value, options)
        : this.lookup.find(value, options);
      const state = found instanceof Promise ? await found : found;
      const objection = objectionTo(state, options, now);
      if (objection) {
        const { tokenId, tenantId } = state;
        const { reason, hint } = objection;
        throw new ScimTokenRefusedError(reason, hint, { tokenId, tenantId });
      }
      return this.accept(state, options, now);
    } catch (error) {
      throw this.failed(error, options, now);
    }
  }

  /**
   * The same for a whole Authorization header.
   *
   * @throws ScimTokenRefusedError, ServiceUnavailableError
   */
  async verifyAuthorization(
    header: string | undefined,
    options: VerifyOptions,
  ): Promise<VerifiedScimToken> {
    const authorization = readAuthorization(header);
    // The value may be anything: what another system minted need not be a b64token.
    if (authorization.kind === 'bearer') return this.verify(authorization.value, options);
    requireTenantChoice(options);
    const refusal = new ScimTokenRefusedError('malformed', hintOfHeader(authorization));
    throw this.failed(refusal, options, this.clock.now().getTime());
  }

  /**
   * The same at once for a token that is remembered and good; null, and nothing noted, where it takes more.
   *
   * @internal
   */
  verifyRemembered(header: string | undefined, options: VerifyOptions): VerifiedScimToken | null {
    const authorization = readAuthorization(header);
    const state =
      authorization.kind === 'bearer' ? this.lookup.remembered(authorization.value) : null;
    if (!state) return null;
    const now = this.clock.now().getTime();
    return objectionTo(state, options, now) ? null : this.accept(state, options, now);
  }

  /** Notes a request that was refused before its token was looked at. */
  note(
    refusal: ScimTokenRefusedError,
    at: { readonly tenantId: string; readonly ip: string | null },
  ): void {
    this.usage.refused(refusal, this.clock.now().getTime(), at);
    this.metrics.refused(refusal.reason);
  }

  private accept(state: SecretState, options: VerifyOptions, now: number): VerifiedScimToken {
    this.usage.used(state, now, options);
    if (state.allowedIpsMode === 'report' && isElsewhere(options.ip, state.allowedIps)) {
      this.usage.letThrough(state, now, options);
    }
    this.metrics.accepted();
    return identityOf(state);
  }

  private failed(error: unknown, options: VerifyOptions, now: number): unknown {
    if (error instanceof ScimTokenRefusedError) {
      this.usage.refused(error, now, options);
      this.metrics.refused(error.reason);
      return error;
    }
    this.metrics.unavailable();
    return error;
  }
}

function identityOf(state: SecretState): VerifiedScimToken {
  const identity = {
    tokenId: toTokenId(state.tokenId),
    tenantId: state.tenantId,
    scopes: state.scopes,
    issuedAt: new Date(state.issuedAt),
    expiresAt: new Date(Math.min(state.expiresAt, state.endsAt ?? Infinity)),
  };
  return state.kind === 'access_token' ? { ...identity, clientId: identity.tokenId } : identity;
}
