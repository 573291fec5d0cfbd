import { type Claims, type JwtOptions, AdminAuthentication } from '../core/admin-authentication';
import { isRecord } from '../core/checks';
import type { KeyObject } from 'node:crypto';
import { Strategy } from 'passport-jwt';
import { ApiError, InvalidTokenError, NotAuthenticatedError } from '../core/errors';
import { authorizationOf, readAuthorization } from '../http/authorization';
import type { IncomingRequest } from '../http/incoming-request';
import { RemoteKeys, type JwtKeyHeader, type JwtKeySource } from './jwt-key-source';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { isOfJsonWebToken } from './admin-refusals';
import { keySourceFrom } from './jwt.options';
import type { RemoteJwks } from '../jwks/remote-jwks';

/** Seconds by which clocks may differ. */
const LEEWAY_SECONDS = 5;

/**
 * Verifies admin JWTs (RFC 7519): signature, algorithm, times, issuer, audience. It is handed to
 * its guard as an object and never registered by name: passport's register is shared by the process,
 * and so by a host's own strategies.
 */
export class JwtStrategy extends Strategy {
  constructor({ issuer, audience, claims = asTheyAre }: JwtOptions, source: JwtKeySource) {
    // Apart, since the types call the whole member deprecated; there is no other way to say this.
    const leeway = { jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS } };
    super(
      {
        jwtFromRequest: bearerToken,
        algorithms: [...source.algorithms],
        secretOrKeyProvider: (_request, jwt: string, done) => {
          const key = async (): Promise<KeyObject> => source.keyFor(headerOf(jwt));
          key()
            .then((found) => {
              // passport-jwt hands it on to jsonwebtoken, which takes key objects.
              done(null, found as unknown as Buffer);
            })
            .catch((error: unknown) => {
              done(error);
            });
        },
        ...leeway,
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      },
      (payload: unknown, done: (error: unknown, claims?: Claims) => void) => {
        done(null, claimsFrom(payload, claims));
      },
    );
  }
}

/** Not passport-jwt's own reading, which takes a token out of the middle of whatever was sent. */
function bearerToken(request: IncomingRequest): string | null {
  const authorization = readAuthorization(authorizationOf(request));
  return authorization.kind === 'bearer' && authorization.isToken ? authorization.value : null;
}

/**
 * The header, as far as it may choose a key. We know no critical extension, so that `crit` is always
 * unknown (RFC 7515 §4.1.11).
 */
function headerOf(jwt: string): JwtKeyHeader {
  const [encoded = ''] = jwt.split('.');
  const header: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
  if (typeof header !== 'object' || header === null) throw new InvalidTokenError('it is no JWT');
  if ('crit' in header) throw new InvalidTokenError('the header has crit');
  const { alg, kid } = header as Readonly<Record<string, unknown>>;
  if (typeof alg !== 'string') throw new InvalidTokenError('the header has no alg');
  if (kid !== undefined && typeof kid !== 'string') {
    throw new InvalidTokenError('the kid of the header is no string');
  }
  return { alg, ...(kid !== undefined && { kid }) };
}

/**
 * The claims, once what the library leaves to us is checked: an end that must be there, and a JWT from
 * the future.
 *
 * @throws InvalidTokenError
 */
function claimsFrom(payload: unknown, claimsOf: NonNullable<JwtOptions['claims']>): Claims {
  if (!isRecord(payload)) throw new InvalidTokenError('the payload is no object');
  const { exp, iat } = payload;
  const latest = Date.now() / 1000 + LEEWAY_SECONDS;
  if (typeof exp !== 'number') throw new InvalidTokenError('the claim exp is missing');
  if (iat !== undefined && !(typeof iat === 'number' && iat <= latest)) {
    throw new InvalidTokenError('the claim iat is no number, or lies in the future');
  }
  const claims = claimsOf(payload);
  if (!isRecord(claims)) throw new InvalidTokenError('jwt.claims returned nobody');
  return claims;
}

/** Without a mapping the JWT's claims are ours; the guard looks at `sub`, the caller at the rest. */
function asTheyAre(claims: Readonly<Record<string, unknown>>): Claims {
  return claims as unknown as Claims;
}

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
