import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiError, InvalidTokenError, NotAuthenticatedError } from '../common/errors';
import { clientIp } from '../common/http/client-ip';
import type { IncomingRequest } from '../common/http/incoming-request';
import { AuthLimits } from './auth-limits';
import { setClaims, type Claims } from './caller';
import { JwtStrategy } from './jwt.strategy';

/**
 * Lets requests with an acceptable admin JWT pass. An address with too many failures is not heard.
 *
 * The strategy is run as passport itself runs one, but not by passport's middleware: that patches six
 * functions onto every request, a host's `req.user` among what they touch, and costs a tenth of the
 * throughput.
 */
@Injectable()
export class ScimTokensJwtGuard implements CanActivate {
  constructor(
    private readonly strategy: JwtStrategy,
    private readonly limits: AuthLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const ip = clientIp(request);
    this.limits.requireFewFailures(ip);
    try {
      setClaims(request, await this.authenticate(request));
    } catch (error) {
      if (error instanceof NotAuthenticatedError || error instanceof InvalidTokenError) {
        this.limits.countFailure(ip);
      }
      throw error;
    }
    return true;
  }

  private authenticate(request: IncomingRequest): Promise<Claims> {
    return new Promise((resolve, reject) => {
      // An object of its own per request, whose methods are the outcomes: passport's contract.
      const attempt = Object.create(this.strategy) as Attempt;
      attempt.success = resolve;
      attempt.fail = (reason) => {
        reject(refusal(request, reason));
      };
      attempt.error = reject;
      attempt.authenticate(request);
    });
  }
}

interface Attempt {
  success: (claims: Claims) => void;
  fail: (reason: unknown) => void;
  error: (error: Error) => void;
  authenticate: (request: object) => void;
}

/** What went wrong is told only where the error is one of ours; the rest is "invalid". */
function refusal({ headers }: IncomingRequest, reason: unknown): Error {
  if (reason instanceof ApiError) return reason;
  const carriesJwt = /^bearer\s+\S/i.test(headers.authorization ?? '');
  return carriesJwt ? new InvalidTokenError() : new NotAuthenticatedError();
}
