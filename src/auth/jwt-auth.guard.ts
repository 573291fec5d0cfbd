import {
  HttpException,
  HttpStatus,
  Injectable,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { InvalidTokenError, NotAuthenticatedError } from '../common/errors';
import { clientIp } from '../common/http/client-ip';
import type { IncomingRequest } from '../common/http/incoming-request';
import { isTenantId as isShortText } from '../tenancy/tenant-id';
import { AdminAuthentication } from './admin-authentication';
import { AuthLimits } from './auth-limits';
import { setClaims, type Claims } from './caller';

const UNAUTHORIZED: number = HttpStatus.UNAUTHORIZED;

/**
 * Lets authenticated administrators pass. They are looked at first, whatever others did behind their
 * address: where that had too many failures, one more is a 429 in place of its 401.
 */
@Injectable()
export class ScimTokensJwtGuard implements CanActivate {
  constructor(
    private readonly authentication: AdminAuthentication,
    private readonly limits: AuthLimits,
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
    const claims = await this.authentication.authenticate(request);
    if (claims === null) throw new NotAuthenticatedError();
    if (!isShortText(claims.sub)) throw new InvalidTokenError();
    return claims;
  }
}

/** Whatever is answered with 401: ours, and what a host's own authentication throws. */
function isFailure(error: unknown): boolean {
  if (error instanceof HttpException) return error.getStatus() === UNAUTHORIZED;
  return error instanceof NotAuthenticatedError || error instanceof InvalidTokenError;
}
