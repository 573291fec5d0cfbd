import { Injectable } from '@nestjs/common';
import type { Caller } from './caller';
import { TenantNotAllowedError } from '../core/errors';
import {
  ALL_TENANTS,
  type SelectedTenant,
  tenants,
  type TenantScope,
} from '../core/request-context';
import { TenantDirectory } from '../core/tenant-directory';
import { TenantsRepository } from '../database/tenants.repository';

/** What a caller may act for in one request. */
export interface ResolvedScope {
  readonly scope: TenantScope;
  readonly tenant: SelectedTenant | null;
}

/** Works out a request's tenants from its caller and the tenant it names. */
@Injectable()
export class TenantScopeResolver {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly held: TenantsRepository,
  ) {}

  /**
   * @param named the tenant id in the raw input; undefined where there is none or it cannot be one
   * @throws TenantNotAllowedError for a tenant the caller may not act for, existing or not
   */
  async resolve(caller: Caller, named: string | undefined): Promise<ResolvedScope> {
    switch (caller.kind) {
      case 'platform':
      case 'super_admin':
      case 'resource_server':
        if (named === undefined) return { scope: ALL_TENANTS, tenant: null };
        if ((await this.directory.find(named)) !== null) return known(named);
        return unknown(named, await this.held.countTokens(named));
      case 'partner_admin': {
        const allowed = await this.directory.tenantIdsOfPartner(caller.partnerId);
        if (named === undefined) return { scope: tenants(...allowed), tenant: null };
        if (!allowed.includes(named)) throw new TenantNotAllowedError();
        return known(named);
      }
      case 'tenant_admin': {
        const own = caller.tenantId;
        if (named !== undefined && named !== own) throw new TenantNotAllowedError();
        if ((await this.directory.find(own)) === null) throw new TenantNotAllowedError();
        return known(own);
      }
    }
  }
}

function known(id: string): ResolvedScope {
  return one({ id, known: true, orphanedTokens: null });
}

function unknown(id: string, orphanedTokens: number | null): ResolvedScope {
  return one({ id, known: false, orphanedTokens });
}

function one(tenant: SelectedTenant): ResolvedScope {
  return { scope: tenants(tenant.id), tenant: Object.freeze(tenant) };
}
