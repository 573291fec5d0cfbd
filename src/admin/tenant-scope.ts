import {
  applyDecorators,
  type CallHandler,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import {
  contextOf,
  type RequestContext,
  setContext,
  ALL_TENANTS,
  type SelectedTenant,
  tenants,
  type TenantScope,
} from '../core/request-context';
import { isTenantId, TenantDirectory } from '../core/tenant-directory';
import { type IncomingRequest, originOf } from '../http/incoming-request';
import { decodedBody, isUnread, readUnread, UNREAD_LIMIT } from '../http/request-body';
import { parseQuery } from '../http/form';
import { callerOf, type Caller } from './caller';
import { TenantNotAllowedError } from '../core/errors';
import { TenantsRepository } from '../database/tenants.repository';

/** What a caller may act for in one request. */
interface ResolvedScope extends Pick<RequestContext, 'scope' | 'tenant'> {
  /** All tenants that the caller may act for, whichever of them the request names. */
  readonly reach: TenantScope;
}

const REACH = Symbol('scim-tokens.reach');

/** Where a request names its tenant: `none` where only its token does. */
type TenantSource = 'query' | 'body' | 'none';

const TENANT_SOURCE = 'scim-tokens:tenant-source';

/**
 * Works out once per request for which tenants it may act, from the verified caller and the raw input,
 * before that input is validated. The handler passes the result on as its first argument.
 *
 * For a read it does so as the last of the guards: any interceptor makes Nest answer through observables,
 * which took a quarter of a read's time (decision 7).
 */
@Injectable()
export class TenantScopeInterceptor implements NestInterceptor, CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly directory: TenantDirectory,
    private readonly held: TenantsRepository,
  ) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    await this.canActivate(execution);
    return next.handle();
  }

  /**
   * Leaves the request's context on it.
   *
   * @throws BodyTooLargeError, BodyLostError where a host left the body to us
   * @throws TenantNotAllowedError for a tenant the caller may not act for, existing or not
   */
  async canActivate(execution: ExecutionContext): Promise<true> {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    const handler = execution.getHandler();
    const source = this.reflector.get<TenantSource | undefined>(TENANT_SOURCE, handler);
    if (source === undefined) throw new Error('A handler does not say where its tenant comes from');
    if (isUnread(request)) await readUnread(request, this.reflector.get(UNREAD_LIMIT, handler));
    const caller = callerOf(request);
    const { reach, scope, tenant } = await this.scopeOf(caller, namedTenant(request, source));
    Object.assign(request, { [REACH]: reach });
    setContext(request, {
      actor: caller.sub,
      scope,
      tenant,
      ...originOf(request),
    });
    return true;
  }

  /** @param named the tenant id in the raw input; undefined where there is none or it cannot be one */
  private async scopeOf(caller: Caller, named: string | undefined): Promise<ResolvedScope> {
    switch (caller.kind) {
      case 'platform':
      case 'super_admin':
      case 'resource_server':
        if (named === undefined) return { reach: ALL_TENANTS, scope: ALL_TENANTS, tenant: null };
        if ((await this.directory.find(named)) !== null) return known(named, ALL_TENANTS);
        return unknown(named, await this.held.countTokens(named));
      case 'partner_admin': {
        const allowed = await this.directory.tenantIdsOfPartner(caller.partnerId);
        const reach = tenants(...allowed);
        if (named === undefined) return { reach, scope: reach, tenant: null };
        if (!allowed.includes(named)) throw new TenantNotAllowedError();
        return known(named, reach);
      }
      case 'tenant_admin': {
        const own = caller.tenantId;
        if (named !== undefined && named !== own) throw new TenantNotAllowedError();
        if ((await this.directory.find(own)) === null) throw new TenantNotAllowedError();
        return known(own, tenants(own));
      }
    }
  }
}

function known(id: string, reach: TenantScope): ResolvedScope {
  return one({ id, known: true, orphanedTokens: null }, reach);
}

/** Only callers who may act for every tenant may name one that the directory does not know. */
function unknown(id: string, orphanedTokens: number | null): ResolvedScope {
  return one({ id, known: false, orphanedTokens }, ALL_TENANTS);
}

function one(tenant: SelectedTenant, reach: TenantScope): ResolvedScope {
  return { reach, scope: tenants(tenant.id), tenant: Object.freeze(tenant) };
}

/** What cannot be a tenant id is left to validation, which says what is wrong with it. */
function namedTenant(request: IncomingRequest, source: TenantSource): string | undefined {
  const input = source === 'none' ? undefined : rawInput(request, source);
  const named = (input as { tenant_id?: unknown } | null | undefined)?.tenant_id;
  return isTenantId(named) ? named : undefined;
}

function rawInput(request: IncomingRequest, source: 'query' | 'body'): unknown {
  if (source === 'query') return parseQuery(request.originalUrl ?? request.url);
  const body = decodedBody(request);
  return body.ok ? body.value : undefined;
}

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
  applyDecorators(SetMetadata(TENANT_SOURCE, source), UseGuards(TenantScopeInterceptor));

/** Hands the handler the request's context: caller, tenant scope and where it came from. */
export const Context = createParamDecorator(
  (_: unknown, execution: ExecutionContext): RequestContext =>
    contextOf(execution.switchToHttp().getRequest()),
);

/** Hands the handler all tenants that the caller may act for, whichever of them the request names. */
export const Reach = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantScope => {
    const { [REACH]: reach } = execution
      .switchToHttp()
      .getRequest<{ readonly [REACH]?: TenantScope }>();
    if (!reach) throw new Error('The tenant scope of this request was not worked out');
    return reach;
  },
);
