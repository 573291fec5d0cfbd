import { Injectable } from '@nestjs/common';
import { networkOf, RateWindow } from '../admin/auth-limits';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { fromTokenId } from '../core/token';

/** Most access tokens that a client gets in a minute: identity providers keep each for an hour. */
const ISSUED_PER_MINUTE = 60;

/**
 * Bounds what the token endpoint does in a minute, in each process. Identity providers call from addresses
 * that their customers share: a failure counts for its address and client together, and whoever authenticates
 * is never refused for it.
 */
@Injectable()
export class TokenLimits {
  private readonly failures: RateWindow;
  private readonly issued: RateWindow;

  constructor({ rateLimitPerMinute: perMinute }: ResolvedScimTokensOptions) {
    this.failures = new RateWindow(perMinute);
    this.issued = new RateWindow(perMinute === 0 ? 0 : ISSUED_PER_MINUTE);
  }

  /**
   * Counts a request that was refused.
   *
   * @param clientId as sent; whether there is such a client makes no difference
   * @throws TooManyRequestsError in its place where there were too many
   */
  countFailure(ip: string | null, clientId: string | null): void {
    // What cannot be an id is one client: a flood of those fills one count.
    const uuid = clientId === null ? null : fromTokenId(clientId);
    this.failures.take(`${networkOf(ip)} ${uuid ?? ''}`);
  }

  /** @throws TooManyRequestsError where the client got too many */
  countIssued(clientId: string): void {
    this.issued.take(clientId);
  }
}
