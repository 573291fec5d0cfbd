import { Injectable, Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Clock } from '../core/clock';
import { TooManyRequestsError } from '../core/errors';
import { LogEntry } from '../core/log-entry';
import type { ScimTokenRefusedError } from '../core/refusal';
import { ALL_TENANTS } from '../core/request-context';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { fromTokenId } from '../core/token';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import type { IncomingRequest, originOf } from '../http/incoming-request';
import { UsageWriter } from '../usage/usage-writer';
import { OAuthError, refused } from './oauth-error';
import { TokenLimits } from './token-limits';
import { clientNamedBy } from './token-request';

/** What the 401 does not say: tells the log, the metrics and the token's administrators what came of a request. */
@Injectable()
export class TokenOutcomes {
  private readonly logger = new Logger(TokenOutcomes.name);
  private readonly requests: Counter<'result' | 'reason'>;

  constructor(
    private readonly tokens: ScimTokensRepository,
    private readonly limits: TokenLimits,
    private readonly usage: UsageWriter,
    private readonly clock: Clock,
    { registry }: ScimTokenMetrics,
  ) {
    this.requests = new Counter({
      name: 'scim_token_access_token_requests_total',
      help: 'Requests for access tokens: issued, refused for a reason, limited (asked too often), or unavailable.',
      labelNames: ['result', 'reason'],
      registers: [registry],
    });
  }

  /** Notes an access token that was issued. */
  issued(): void {
    this.requests.inc({ result: 'issued', reason: '' });
  }

  /**
   * Notes why none was.
   *
   * @throws TooManyRequestsError in the place of a refusal where there were too many
   */
  failed(error: unknown, request: IncomingRequest, origin: ReturnType<typeof originOf>): void {
    const refusal = error instanceof OAuthError ? error.refusal : null;
    if (!refusal) {
      const result = error instanceof TooManyRequestsError ? 'limited' : 'unavailable';
      this.requests.inc({ result, reason: '' });
      return;
    }
    const { reason, hint } = refusal;
    this.requests.inc({ result: 'refused', reason: hint });
    this.logger.warn(
      new LogEntry('Access token refused', { reason, hint, request_id: origin.requestId }),
    );
    const clientId = clientNamedBy(request);
    this.limits.countFailure(origin.ip, clientId);
    this.tell(refusal, clientId, origin.ip);
  }

  /** Whose administrators are told, where that was not looked for yet, is looked up behind the request. */
  private tell(refusal: ScimTokenRefusedError, clientId: string | null, ip: string | null): void {
    const at = this.clock.now().getTime();
    const { reason, hint, owner } = refusal;
    const tokenId = clientId === null ? null : fromTokenId(clientId);
    if (owner || reason === 'unknown' || tokenId === null) {
      this.usage.refused(refusal, at, { ip });
      return;
    }
    this.tokens.findTenant(ALL_TENANTS, tokenId).then(
      (tenantId) => {
        if (tenantId === null) return;
        this.usage.refused(refused(reason, hint, { tokenId, tenantId }), at, { ip });
      },
      () => undefined,
    );
  }
}
