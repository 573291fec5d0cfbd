import { randomBytes } from 'node:crypto';
import { JwtOptionsError, keySourceFrom } from '../../admin/jwt.options';
import type { JwtKeyOptions, JwtOptions } from '../../core/admin-authentication';
import { JWT_OPTIONS } from '../../module/options/options.schema';
import type { Environment } from './environment';

/** Everything about admin JWTs but the development key, which is made once all else is sound. */
export interface JwtConfig extends Omit<JwtOptions, 'key'> {
  readonly key: JwtKeyOptions | null;
}

/** Reads how admin JWTs are verified: by exactly one key. */
export function jwtConfig(env: Environment): JwtConfig {
  const { secret, publicKey, jwksUri, ...others } = env.readAll(JWT_OPTIONS);
  const key = theOne(
    env,
    [
      secret === null ? [] : [{ secret }],
      publicKey === null ? [] : [{ publicKey }],
      jwksUri === null ? [] : [{ jwksUri }],
    ].flat(),
  );
  if (env.isProduction && key && !('secret' in key)) {
    for (const option of ['issuer', 'audience'] as const) {
      if (others[option] === undefined) {
        env.reject(variableOf(option), 'is required in production with a public key or a JWKS URL');
      }
    }
  }
  check(env, { key, ...others });
  return { key, ...others };
}

function theOne(env: Environment, given: readonly JwtKeyOptions[]): JwtKeyOptions | null {
  const names = 'JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URI';
  const [key = null, ...more] = given;
  if (more.length > 0) env.reject(names, 'exclude each other: set exactly one');
  if (key === null && env.isProduction) {
    env.reject(names, 'are all unset: production needs exactly one');
  }
  return more.length === 0 ? key : null;
}

function check(env: Environment, { algorithms, key: given, ...others }: JwtConfig): void {
  // Without a key of its own, development signs with a shared secret.
  const anySecret = { secret: randomBytes(32).toString('hex') };
  const key = given ?? anySecret;
  // The key by itself first: which algorithms it takes is a second question.
  const isSound = isRight({ ...others, key });
  if (algorithms && isSound) isRight({ key, algorithms });
  else if (algorithms && 'secret' in key) isRight({ key: anySecret, algorithms });

  function isRight(options: JwtOptions): boolean {
    try {
      keySourceFrom(options);
      return true;
    } catch (error) {
      if (!(error instanceof JwtOptionsError)) throw error;
      env.reject(env.sourceOf(variableOf(error.option)), error.expectation);
      return false;
    }
  }
}

function variableOf(option: JwtOptionsError['option']): string {
  return JWT_OPTIONS[option === 'key' ? 'secret' : option].variable ?? option;
}
