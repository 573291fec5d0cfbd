import { AdminAuthentication, type Claims } from '../core/admin-authentication';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { InvalidTokenError, NotAuthenticatedError } from '../core/errors';
import { clientIp } from '../http/client-ip';
import type { IncomingRequest } from '../http/incoming-request';
import { isTenantId as isShortText } from '../core/tenant-id';
import { AdminRefusals } from './admin-refusals';
import { AuthLimits } from './auth-limits';
import { setClaims } from './caller';

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
