import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { callerOf } from '../auth/caller';
import { clientIp } from '../common/http/client-ip';
import { requestIdOf, type IncomingRequest } from '../common/http/incoming-request';
import { decodedBody } from '../common/http/request-body';
import { parseQuery } from '../common/validation';
import type { RequestContext } from './request-context';
import { isTenantId } from './tenant-id';
import { TENANT_SOURCE, type TenantSource } from './tenant-from.decorator';
import { TenantScopeResolver } from './tenant-scope.resolver';

const CONTEXT = Symbol('scim-tokens.context');
/** Longest user agent that is kept, in UTF-16 units. */
const USER_AGENT_MAX = 512;

type ScopedRequest = IncomingRequest & { [CONTEXT]?: RequestContext };

/**
 * Works out once per request for which tenants it may act, from the verified caller and the raw
 * input, before that input is validated. The handler passes the result on as its first argument.
 */
@Injectable()
export class TenantScopeInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly resolver: TenantScopeResolver,
  ) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = execution.switchToHttp().getRequest<ScopedRequest>();
    const source = this.reflector.get<TenantSource | undefined>(
      TENANT_SOURCE,
      execution.getHandler(),
    );
    if (source === undefined) throw new Error('A handler does not say where its tenant comes from');
    const caller = callerOf(request);
    const { scope, tenant } = await this.resolver.resolve(caller, namedTenant(request, source));
    request[CONTEXT] = Object.freeze({
      actor: caller.sub,
      scope,
      tenant,
      ip: clientIp(request),
      userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_MAX) ?? null,
      requestId: requestIdOf(request),
    });
    return next.handle();
  }
}

/** The context, where the request came so far. */
export function contextIfAny(request: ScopedRequest): RequestContext | undefined {
  return request[CONTEXT];
}

/** The context the interceptor left; a request without one has no business here. */
export function contextOf(request: ScopedRequest): RequestContext {
  const context = request[CONTEXT];
  if (!context) throw new Error('The tenant scope of this request was not worked out');
  return context;
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
