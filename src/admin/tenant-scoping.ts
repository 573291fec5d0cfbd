import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { callerOf } from './caller';
import { clientIp } from '../http/client-ip';
import { requestIdOf, type IncomingRequest } from '../http/incoming-request';
import { decodedBody } from '../http/request-body';
import { isUnread, readUnread, UNREAD_LIMIT } from '../http/unread-body';
import { parseQuery } from '../http/validation';
import { setContext } from '../core/request-context';
import { TENANT_SOURCE, type TenantSource } from './tenant-source';
import { isTenantId } from '../core/tenant-id';
import { TenantScopeResolver } from './tenant-scope.resolver';

/** Longest user agent that is kept, in UTF-16 units. */
const USER_AGENT_MAX = 512;

/**
 * Works out once per request for which tenants it may act, from the verified caller and the raw input,
 * before that input is validated. The handler passes the result on as its first argument.
 */
@Injectable()
export class TenantScoping {
  constructor(
    private readonly reflector: Reflector,
    private readonly resolver: TenantScopeResolver,
  ) {}

  /**
   * Leaves the request's context on it.
   *
   * @throws BodyTooLargeError, BodyLostError where a host left the body to us
   * @throws TenantNotAllowedError for a tenant the caller may not act for, existing or not
   */
  async apply(execution: ExecutionContext): Promise<void> {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    const source = this.reflector.get<TenantSource | undefined>(
      TENANT_SOURCE,
      execution.getHandler(),
    );
    if (source === undefined) throw new Error('A handler does not say where its tenant comes from');
    if (isUnread(request)) {
      await readUnread(request, this.reflector.get(UNREAD_LIMIT, execution.getHandler()));
    }
    const caller = callerOf(request);
    const { scope, tenant } = await this.resolver.resolve(caller, namedTenant(request, source));
    setContext(request, {
      actor: caller.sub,
      scope,
      tenant,
      ip: clientIp(request),
      userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_MAX) ?? null,
      requestId: requestIdOf(request),
    });
  }
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
