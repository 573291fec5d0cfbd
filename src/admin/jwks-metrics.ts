import { AdminAuthentication } from '../core/admin-authentication';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { JwtAdminAuthentication } from './jwt-admin-authentication';
import { ScimTokenMetrics } from '../core/scim-token-metrics';

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
