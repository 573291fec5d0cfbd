import { Injectable } from '@nestjs/common';
import { TenantNotFoundError } from './errors';
import { TenantDirectory, type Tenant } from './tenant-directory';
import { ResolvedScimTokensOptions } from './scim-tokens.options';

/** The limits of one tenant's tokens. */
export interface TenantPolicy {
  /** Longest lifetime in days, counted from the current secret's creation. */
  readonly maxTtlDays: number;
  /** Lifetime in days where none is asked for; at most the longest. */
  readonly defaultTtlDays: number;
  /** Most tokens that are neither revoked nor expired. */
  readonly maxActive: number;
}

/** Which limits hold for a tenant: its own, as the directory says, else the configured ones. */
@Injectable()
export class TenantPolicies {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /** @param tenantId null where the request does not say, yet, whose tokens it is about */
  async of(tenantId: string | null): Promise<TenantPolicy> {
    return this.policyOf(tenantId === null ? null : await this.directory.find(tenantId));
  }

  /**
   * The limits of a tenant that is to be given new values: one that is gone from the directory may not be.
   *
   * @throws TenantNotFoundError
   */
  async ofKnown(tenantId: string): Promise<TenantPolicy> {
    const tenant = await this.directory.find(tenantId);
    if (tenant === null) throw new TenantNotFoundError();
    return this.policyOf(tenant);
  }

  private policyOf(tenant: Tenant | null): TenantPolicy {
    const maxTtlDays = tenant?.max_ttl_days ?? this.options.maxTtlDays;
    return {
      maxTtlDays,
      defaultTtlDays: Math.min(this.options.defaultTtlDays, maxTtlDays),
      maxActive: tenant?.max_active ?? this.options.maxActivePerTenant,
    };
  }
}
