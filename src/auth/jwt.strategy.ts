import type { KeyObject } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { InvalidTokenError } from '../common/errors';
import { isTenantId as isShortText } from '../tenancy/tenant-id';
import type { Claims } from './caller';
import type { JwtKeyHeader, JwtKeySource } from './jwt-key-source';
import type { JwtOptions } from './jwt.options';

/** Seconds by which clocks may differ. */
const LEEWAY_SECONDS = 5;

/**
 * Verifies admin JWTs (RFC 7519): signature, algorithm, times, issuer, audience, subject. It is handed to
 * its guard as an object and never registered by name: passport's register is shared by the process,
 * and so by a host's own strategies.
 */
export class JwtStrategy extends Strategy {
  constructor({ issuer, audience }: JwtOptions, source: JwtKeySource) {
    // Apart, since the types call the whole member deprecated; there is no other way to say this.
    const leeway = { jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS } };
    super(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
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
      (payload: unknown, done: (error: unknown, claims?: Claims | false) => void) => {
        done(null, isAcceptable(payload) ? payload : false);
      },
    );
  }
}

/**
 * The header, as far as it may choose a key. We know no critical extension, so that `crit` is always
 * unknown (RFC 7515 §4.1.11).
 */
function headerOf(jwt: string): JwtKeyHeader {
  const [encoded = ''] = jwt.split('.');
  const header: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
  if (typeof header !== 'object' || header === null || 'crit' in header) {
    throw new InvalidTokenError();
  }
  const { alg, kid } = header as Readonly<Record<string, unknown>>;
  if (typeof alg !== 'string') throw new InvalidTokenError();
  if (kid !== undefined && typeof kid !== 'string') throw new InvalidTokenError();
  return { alg, ...(kid !== undefined && { kid }) };
}

/** What the library leaves to us: claims that must be there, and a JWT from the future. */
function isAcceptable(payload: unknown): payload is Claims {
  if (typeof payload !== 'object' || payload === null) return false;
  const { exp, iat, sub } = payload as Readonly<Record<string, unknown>>;
  const latest = Date.now() / 1000 + LEEWAY_SECONDS;
  return (
    typeof exp === 'number' &&
    (iat === undefined || (typeof iat === 'number' && iat <= latest)) &&
    isShortText(sub)
  );
}
