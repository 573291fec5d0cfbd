import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { AdminAuthentication, type Claims } from '../core/admin-authentication';
import {
  BodyTooLargeError,
  InvalidTokenError,
  NotAuthenticatedError,
  ServiceUnavailableError,
  InsufficientPermissionsError,
  PlatformScopeRequiredError,
} from '../core/errors';
import { isTenantId as isShortText } from '../core/tenant-directory';
import {
  clientIp,
  type IncomingRequest,
  RAW_BODY,
  type UnreadBody,
} from '../http/incoming-request';
import { AdminRefusals } from './admin-refusals';
import { AuthLimits } from './auth-limits';
import { claimsIfAny, setClaims, callerFrom, claimsOf, setCaller } from './caller';
import { Reflector } from '@nestjs/core';

/**
 * Lets authenticated administrators pass. They are looked at first, whatever others did behind their
 * address: where that had too many failures, one more is a 429 in place of its 401.
 */
@Injectable()
export class ScimTokensJwtGuard implements CanActivate {
  constructor(
    private readonly authentication: AdminAuthentication,
    private readonly limits: AuthLimits,
    private readonly refusals: AdminRefusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    try {
      setClaims(request, await this.claimsOf(request));
    } catch (error) {
      if (isFailure(error)) this.limits.countFailure(clientIp(request));
      throw error;
    }
    return true;
  }

  private async claimsOf(request: IncomingRequest): Promise<Claims> {
    let claims: Claims | null;
    try {
      claims = await this.authentication.authenticate(request);
    } catch (error) {
      throw this.refusals.refusal(error, request);
    }
    if (!claims) throw new NotAuthenticatedError();
    if (isShortText(claims.sub)) return claims;
    throw this.refusals.refusal(
      new InvalidTokenError('the claim sub is missing, or no string of 1 to 255 characters'),
      request,
    );
  }
}

/** Whatever is answered with 401; what a host's own authentication throws has become one of ours. */
function isFailure(error: unknown): boolean {
  return error instanceof NotAuthenticatedError || error instanceof InvalidTokenError;
}

/** Reads the bodies that the service reads of authenticated callers alone. Stands behind the JWT's guard, where there is one. */
@Injectable()
export class RestOfBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const body = request[RAW_BODY];
    return body && 'read' in body ? this.readOf(request, body) : true;
  }

  private async readOf(request: IncomingRequest, unread: UnreadBody): Promise<true> {
    if (!claimsIfAny(request)) throw new ServiceUnavailableError();
    const body = await unread.read();
    if ('tooLarge' in body) throw new BodyTooLargeError();
    request[RAW_BODY] = body;
    return true;
  }
}

/** What an operation does to tokens; `import` is a write for those who may act for every tenant. */
export type AccessKind = 'read' | 'write' | 'import';

/** Metadata key under which a handler says what it does. */
export const ACCESS = 'scim-tokens:access';

/** Says what an operation does, and so who may call it. A handler that does not say so is a 500. */
export const Access = (kind: AccessKind) => SetMetadata(ACCESS, kind);

/** Scopes of which a platform token needs one. */
const SCOPES: Readonly<Record<AccessKind, readonly string[]>> = {
  read: ['admin:read', 'admin:write'],
  write: ['admin:write'],
  import: ['admin:write'],
};

/** Turns the verified claims into a caller, and refuses one whose role may not do this. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<object>();
    const kind = this.reflector.get<AccessKind | undefined>(ACCESS, context.getHandler());
    if (kind === undefined) throw new Error('A handler does not say what it does');
    const caller = callerFrom(claimsOf(request));
    if (
      caller.kind === 'platform' &&
      !SCOPES[kind].some((scope) => caller.scopes.includes(scope))
    ) {
      throw new PlatformScopeRequiredError();
    }
    if (kind === 'import' && caller.kind !== 'platform' && caller.kind !== 'super_admin') {
      throw new InsufficientPermissionsError();
    }
    setCaller(request, caller);
    return true;
  }
}
