import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/**
 * Where this module's own metrics are registered: a registry apart, so that a host's metrics stay as they
 * are. A host that wants them merges it into what it serves: `Registry.merge([yours, metrics.registry])`.
 * No label holds a tenant, a token or a user.
 */
@Injectable()
export class ScimTokenMetrics {
  /** prom-client's; `registry.metrics()` returns the text that Prometheus reads. */
  readonly registry = new Registry();
}
