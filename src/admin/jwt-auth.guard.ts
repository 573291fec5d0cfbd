import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AdminAuthentication, type Claims } from '../core/admin-authentication';
import {
  BodyTooLargeError,
  InvalidTokenError,
  NotAuthenticatedError,
  ServiceUnavailableError,
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
import { claimsIfAny, setClaims } from './caller';

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
