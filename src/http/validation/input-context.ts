import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/clock';
import { mayReturnTo } from '../../core/setup-urls';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { TenantPolicies } from '../../core/tenant-policies';
import { TrustedIssuers } from '../../core/trusted-issuers';

/** What the rules need to know of the request around an input. */
export interface InputContext {
  readonly now: Date;
  /** Longest lifetime in days that an expiry may ask for. */
  readonly maxTtlDays: number;
  /** Whether the input must name the tenant, since nothing else does. */
  readonly tenantRequired: boolean;
  /** Whose assertions may be trusted; null where there are no connections by OAuth. */
  readonly issuers: Pick<TrustedIssuers, 'jwksUriOf'> | null;
  /** Whether the setup page may lead back to a URL. */
  readonly mayReturnTo: (url: string) => boolean;
}

/** What inputs are validated in. */
@Injectable()
export class InputContexts {
  constructor(
    private readonly clock: Clock,
    private readonly policies: TenantPolicies,
    private readonly issuers: TrustedIssuers,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /** @param tenantId the tenant that the input is about; null where nothing says, yet, which */
  async of(tenantId: string | null, tenantRequired: boolean): Promise<InputContext> {
    const { maxTtlDays } = await this.policies.of(tenantId);
    const { oauth, setup } = this.options;
    return {
      now: this.clock.now(),
      maxTtlDays,
      tenantRequired,
      issuers: oauth === null ? null : this.issuers,
      mayReturnTo: (url) => mayReturnTo(url, setup),
    };
  }
}

const CONTEXTS = new WeakMap<object, InputContext>();

/** Tells the rules of a DTO instance what it is validated in. */
export function setInputContext(dto: object, context: InputContext): void {
  CONTEXTS.set(dto, context);
}

/** What a DTO instance is validated in. */
export function inputContextOf(dto: object): InputContext {
  const context = CONTEXTS.get(dto);
  if (!context) throw new Error('A DTO was validated without its context');
  return context;
}
