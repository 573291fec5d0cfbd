import { sign } from 'jsonwebtoken';
import { loadConfig } from '../service/config/config';
import { UsageError } from './usage-error';

/** Whom a JWT is for. */
export interface DevelopmentJwt {
  readonly role?: string;
  readonly tenant?: string;
  readonly partner?: string;
  readonly sub: string;
  readonly scope?: string;
  /** Lifetime in seconds. */
  readonly ttl: number;
}

/**
 * Signs an admin JWT as this environment's service will accept it.
 *
 * @throws UsageError where the role lacks what it needs, or only a public key is known
 * @throws ConfigError
 */
export function mintDevelopmentJwt(
  { role, tenant, partner, sub, scope, ttl }: DevelopmentJwt,
  environment: NodeJS.ProcessEnv,
): string {
  if (role === 'tenant_admin' && !tenant) throw new UsageError('a tenant_admin needs --tenant');
  if (role === 'partner_admin' && !partner) throw new UsageError('a partner_admin needs --partner');
  const { key, issuer, audience } = loadConfig(environment).jwt;
  if (!('secret' in key)) {
    throw new UsageError(
      'JWTs are verified with a public key here: whoever has the private one signs them',
    );
  }
  const claims = {
    sub,
    ...(role && { role }),
    ...(tenant && { tenant_id: tenant }),
    ...(partner && { partner_id: partner }),
    ...(scope && { scope }),
  };
  return sign(claims, key.secret, {
    expiresIn: ttl,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  });
}
