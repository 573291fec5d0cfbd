import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { FAILURE_HINTS } from '../core/refusal';
import { heldTenant, type RequestContext, type TenantScope } from '../core/request-context';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import { TokenAnswers } from '../scim-tokens/dto/token-answers';
import { AssertionExplainer } from './assertion-explainer';
import type { Decision } from './decision';
import type { ExplainDto } from './explain.dto';
import type { ExplanationResponse } from './explanation.response';
import { ValueExplainer } from './value-explainer';

/** Tells administrators what would be said to a request, before it is made. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly values: ValueExplainer,
    private readonly assertions: AssertionExplainer,
    private readonly tokens: ScimTokensRepository,
    private readonly clock: Clock,
    private readonly answers: TokenAnswers,
  ) {}

  /**
   * @param reach all tenants that the caller may act for: of others' tokens nothing is told
   * @throws TenantNotFoundError; ServiceUnavailableError where a check cannot be made at the moment
   */
  async explain(
    context: RequestContext,
    reach: TenantScope,
    input: Readonly<ExplainDto>,
  ): Promise<ExplanationResponse> {
    const { id: tenantId } = heldTenant(context);
    const { steps, hint, owner } = await this.decide(tenantId, reach, input);
    const row = owner && (await this.tokens.find(reach, owner.tokenId));
    return {
      accepted: hint === null,
      decision: [...steps],
      hint,
      text: hint && FAILURE_HINTS[hint],
      token: row && this.answers.of(row, this.clock.now()),
    };
  }

  private decide(
    tenantId: string,
    reach: TenantScope,
    { authorization, client_assertion: assertion, ip, scopes }: Readonly<ExplainDto>,
  ): Promise<Decision> {
    if (assertion) {
      return this.assertions.explain({ tenantId, assertion, ip: ip ?? null, scopes });
    }
    return this.values.explain(reach, {
      tenantId,
      authorization: authorization ?? '',
      ip,
      scopes: scopes ?? [],
    });
  }
}
