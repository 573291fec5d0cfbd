import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { ApiError, InvalidTokenError, NotAuthenticatedError } from '../common/errors';
import { clientIp } from '../common/http/client-ip';
import type { IncomingRequest } from '../common/http/incoming-request';
import type { Claims } from './caller';
import { AuthLimits } from './auth-limits';
import { JwtStrategy } from './jwt.strategy';

/** Where the verified claims stand on the request: apart from `user`, which is a host's. */
const CLAIMS = 'scimTokensClaims';

/** Lets requests with an acceptable admin JWT pass. An address with too many failures is not heard. */
@Injectable()
export class ScimTokensJwtGuard extends AuthGuard() {
  constructor(
    // Named, since the parent asks for something else in this place.
    @Inject(JwtStrategy) strategy: JwtStrategy,
    private readonly limits: AuthLimits,
  ) {
    // passport takes a strategy in the place of a registered name; the type knows names alone.
    super({ defaultStrategy: strategy as unknown as string, property: CLAIMS, session: false });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const ip = clientIp(context.switchToHttp().getRequest<IncomingRequest>());
    this.limits.requireFewFailures(ip);
    try {
      return (await super.canActivate(context)) as boolean;
    } catch (error) {
      if (error instanceof NotAuthenticatedError || error instanceof InvalidTokenError) {
        this.limits.countFailure(ip);
      }
      throw error;
    }
  }

  /** passport reports what went wrong as `info`; only our own errors say more than "invalid". */
  override handleRequest<User>(
    error: unknown,
    claims: User | false,
    info: unknown,
    context: ExecutionContext,
  ): User {
    if (claims) return claims;
    if (error instanceof Error) throw error;
    if (info instanceof ApiError) throw info;
    const { authorization } = context.switchToHttp().getRequest<IncomingRequest>().headers;
    const carriesJwt = /^bearer\s+\S/i.test(authorization ?? '');
    throw carriesJwt ? new InvalidTokenError() : new NotAuthenticatedError();
  }
}

/** The verified claims of a request that has passed the guard. */
export function claimsOf(request: object): Claims {
  const claims = (request as { [CLAIMS]?: Claims })[CLAIMS];
  if (!claims) throw new Error('The request carries no verified JWT');
  return claims;
}
