import type { JwtKeyOptions, JwtOptions } from '../../core/admin-authentication';
import { randomBytes } from 'node:crypto';
import {
  JWKS_MAX_STALE_HOURS,
  JwtOptionsError,
  keySourceFrom,
  type JwtOptionName,
} from '../../admin/jwt.options';
import type { Environment } from './environment';
import { integer, list, text } from './parsers';

const VARIABLES: Readonly<Record<JwtOptionName, string>> = {
  key: 'JWT_SECRET',
  secret: 'JWT_SECRET',
  publicKey: 'JWT_PUBLIC_KEY',
  jwksUri: 'JWT_JWKS_URI',
  algorithms: 'JWT_ALGORITHMS',
  issuer: 'JWT_ISSUER',
  audience: 'JWT_AUDIENCE',
  jwksMaxStaleHours: 'JWT_JWKS_MAX_STALE_HOURS',
};

/** Everything about admin JWTs but the development key, which is made once all else is sound. */
export interface JwtConfig extends Omit<JwtOptions, 'key'> {
  readonly key: JwtKeyOptions | null;
}

/** Reads how admin JWTs are verified: by exactly one key. */
export function jwtConfig(environment: Environment, production: boolean): JwtConfig {
  const secret = environment.secret('JWT_SECRET', text, null);
  const publicKey = environment.secret('JWT_PUBLIC_KEY', text, null);
  const jwksUri = environment.read('JWT_JWKS_URI', text, null);
  const config: JwtConfig = {
    key: theOne(environment, production, [
      secret === null ? null : { secret },
      publicKey === null ? null : { publicKey },
      jwksUri === null ? null : { jwksUri },
    ]),
    algorithms: environment.read('JWT_ALGORITHMS', list, undefined),
    issuer: environment.read('JWT_ISSUER', text, undefined),
    audience: environment.read('JWT_AUDIENCE', text, undefined),
    jwksMaxStaleHours: environment.read(
      'JWT_JWKS_MAX_STALE_HOURS',
      integer(JWKS_MAX_STALE_HOURS.min, JWKS_MAX_STALE_HOURS.max),
      JWKS_MAX_STALE_HOURS.default,
    ),
  };
  if (production && config.key && !('secret' in config.key)) {
    for (const option of ['issuer', 'audience'] as const) {
      if (config[option] === undefined) {
        environment.reject(
          VARIABLES[option],
          'is required in production with a public key or a JWKS URL',
        );
      }
    }
  }
  return checked(environment, config);
}

function theOne(
  environment: Environment,
  production: boolean,
  candidates: readonly (JwtKeyOptions | null)[],
): JwtKeyOptions | null {
  const given = candidates.filter((key) => key !== null);
  const names = 'JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URI';
  if (given.length > 1) environment.reject(names, 'exclude each other: set exactly one');
  if (given.length === 0 && production) {
    environment.reject(names, 'are all unset: production needs exactly one');
  }
  return given.length === 1 ? (given[0] ?? null) : null;
}

function checked(environment: Environment, config: JwtConfig): JwtConfig {
  // Without a key of its own, development signs with a shared secret.
  const anySecret = { secret: randomBytes(32).toString('hex') };
  const { algorithms, ...others } = config;
  const key = config.key ?? anySecret;
  // The key by itself first: which algorithms it takes is a second question.
  const isSound = check({ ...others, key });
  if (algorithms && isSound) check({ key, algorithms });
  else if (algorithms && 'secret' in key) check({ key: anySecret, algorithms });
  return config;

  function check(options: JwtOptions): boolean {
    try {
      keySourceFrom(options);
      return true;
    } catch (error) {
      if (!(error instanceof JwtOptionsError)) throw error;
      environment.reject(environment.sourceOf(VARIABLES[error.option]), error.expectation);
      return false;
    }
  }
}
