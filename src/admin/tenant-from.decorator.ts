import { applyDecorators, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common';
import { TenantScopeGuard } from './tenant-scope.guard';
import { TenantScopeInterceptor } from './tenant-scope.interceptor';
import { TENANT_SOURCE, type TenantSource } from './tenant-source';

/**
 * Scopes a handler that changes something to the tenants its caller may act for. Every handler that
 * takes a context has this or {@link ReadTenantFrom}: without one there is no context, and the answer is 500.
 *
 * @param source where the request names its tenant
 */
export const TenantFrom = (source: TenantSource) =>
  applyDecorators(SetMetadata(TENANT_SOURCE, source), UseInterceptors(TenantScopeInterceptor));

/** As {@link TenantFrom}, for a handler that only reads, which are called often. */
export const ReadTenantFrom = (source: Exclude<TenantSource, 'body'>) =>
  applyDecorators(SetMetadata(TENANT_SOURCE, source), UseGuards(TenantScopeGuard));
