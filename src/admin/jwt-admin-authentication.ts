import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { AdminAuthentication, type Claims, type JwtOptions } from '../core/admin-authentication';
import { ApiError, InvalidTokenError, NotAuthenticatedError } from '../core/errors';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { authorizationOf, readAuthorization } from '../http/authorization';
import type { IncomingRequest } from '../http/incoming-request';
import { isOfJsonWebToken } from './admin-refusals';
import { keySourceFrom } from './jwt.options';
import { JwtStrategy } from './jwt.strategy';
import type { RemoteJwks } from '../jwks/remote-jwks';
import { RemoteKeys } from './jwt-key-source';

/**
 * Admin JWTs. The strategy is run as passport itself runs one, but not by passport's middleware: that
 * patches six functions onto every request, a host's `req.user` among what they touch, and costs a tenth
 * of the throughput.
 */
export class JwtAdminAuthentication extends AdminAuthentication {
  /** The JWK set that verifies JWTs, where one does. */
  readonly jwks: RemoteJwks | null;
  private readonly strategy: JwtStrategy;

  /** @throws JwtOptionsError for wrong options */
  constructor(options: JwtOptions) {
    super();
    const keys = keySourceFrom(options);
    this.jwks = keys instanceof RemoteKeys ? keys.jwks : null;
    this.strategy = new JwtStrategy(options, keys);
  }

  authenticate(request: IncomingRequest): Promise<Claims> {
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
function refusal(request: IncomingRequest, reason: unknown): Error {
  if (reason instanceof ApiError) return reason;
  const { kind } = readAuthorization(authorizationOf(request));
  return kind === 'bearer'
    ? new InvalidTokenError(whatIsWrong(reason))
    : new NotAuthenticatedError();
}

/** The library's own words, which quote nothing of the JWT; those of a parser would. */
function whatIsWrong(reason: unknown): string {
  return isOfJsonWebToken(reason) ? reason.message : 'it is no JWT';
}

/** Shows for how long the JWK set has not been read, from the first failure on. */
@Injectable()
export class JwksMetrics {
  constructor(metrics: ScimTokenMetrics, authentication: AdminAuthentication) {
    const jwks = authentication instanceof JwtAdminAuthentication ? authentication.jwks : null;
    new Gauge({
      name: 'scim_token_jwks_stale_seconds',
      help: 'Time since the JWK set was last read, while it cannot be read; 0 while it can, or where there is none.',
      registers: [metrics.registry],
      collect() {
        jwks?.lookAgain();
        this.set(jwks?.staleSeconds ?? 0);
      },
    });
  }
}
