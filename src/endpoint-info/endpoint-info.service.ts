import { Injectable, Logger } from '@nestjs/common';
import { Clock, daysAfter } from '../core/clock';
import { requireTenant, type RequestContext } from '../core/request-context';
import { FAILURE_HINTS } from '../core/refusal';
import type { EndpointInfoResponse } from './endpoint-info.dto';
import type { RecentFailureResponse } from './recent-failure.response';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { TokenEndpointUrls } from '../core/token-endpoint-urls';
import { endpointInfo } from './endpoint-info';
import { EndpointInfoRepository, type FailureSummary } from './endpoint-info.repository';

/** Tells what an administrator pastes into the identity provider, and how the connection fares. */
@Injectable()
export class EndpointInfoService {
  private readonly logger = new Logger(EndpointInfoService.name);

  constructor(
    private readonly repository: EndpointInfoRepository,
    private readonly clock: Clock,
    private readonly options: ResolvedScimTokensOptions,
    private readonly tokenEndpoint: TokenEndpointUrls,
  ) {}

  /** @throws TenantNotFoundError; the log says where such a tenant has tokens all the same */
  async get(context: RequestContext): Promise<EndpointInfoResponse> {
    this.tellOfOrphan(context);
    const tenant = requireTenant(context);
    const now = this.clock.now();
    const [summary, failures] = await Promise.all([
      this.repository.summariseTokens(tenant.id, now),
      this.repository.summariseFailures(tenant.id, daysAfter(now, -1)),
    ]);
    return endpointInfo({
      tenantId: tenant.id,
      baseUrlTemplate: this.options.baseUrlTemplate,
      tokenPrefix: this.options.prefix,
      capabilities: this.options.capabilities,
      activeTokens: summary.active_tokens,
      nextExpiry: summary.next_expiry,
      lastUsedAt: summary.last_used_at,
      recentFailures: failures.map(toRecentFailure),
      tokenEndpointFor: (baseUrl) =>
        this.tokenEndpoint.isServed ? this.tokenEndpoint.of(baseUrl) : null,
    });
  }

  private tellOfOrphan({ tenant, requestId }: RequestContext): void {
    if (!tenant?.orphanedTokens) return;
    this.logger.warn(
      { tenant: tenant.id, tokens: tenant.orphanedTokens, request_id: requestId },
      'The directory does not know this tenant, but tokens of it are not revoked; revoke-all ends them',
    );
  }
}

/** Tells an administrator what went wrong, and what to do about it. */
function toRecentFailure(failure: FailureSummary): RecentFailureResponse {
  return {
    reason: failure.reason,
    hint: FAILURE_HINTS[failure.hint],
    count: failure.count,
    last_at: failure.last_at.toISOString(),
    last_ip: failure.last_ip,
    ...(failure.last_claims && { claims: failure.last_claims }),
  };
}
