import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { InvalidTokenError, NotAuthenticatedError } from '../common/errors';
import { clientIp } from '../common/http/client-ip';
import type { IncomingRequest } from '../common/http/incoming-request';
import { isTenantId as isShortText } from '../tenancy/tenant-id';
import { AdminAuthentication } from './admin-authentication';
import { AuthLimits } from './auth-limits';
import { setClaims, type Claims } from './caller';

/** Lets authenticated administrators pass. An address with too many failures is not heard. */
@Injectable()
export class ScimTokensJwtGuard implements CanActivate {
  constructor(
    private readonly authentication: AdminAuthentication,
    private readonly limits: AuthLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const ip = clientIp(request);
    this.limits.requireFewFailures(ip);
    try {
      setClaims(request, await this.claimsOf(request));
    } catch (error) {
      if (error instanceof NotAuthenticatedError || error instanceof InvalidTokenError) {
        this.limits.countFailure(ip);
      }
      throw error;
    }
    return true;
  }

  private async claimsOf(request: IncomingRequest): Promise<Claims> {
    const claims = await this.authentication.authenticate(request);
    if (claims === null) throw new NotAuthenticatedError();
    if (!isShortText(claims.sub)) throw new InvalidTokenError();
    return claims;
  }
}
