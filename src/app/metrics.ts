import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** The process's Prometheus metrics. No label holds a tenant, a token or a user. */
export const registry = new Registry();

collectDefaultMetrics({ register: registry });

const requests = new Counter({
  name: 'http_requests_total',
  help: 'Answered HTTP requests.',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
});

const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from a request to its answer.',
  labelNames: ['method', 'route'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [registry],
});

/** Counts an answered request under its route's pattern, never its path. */
export function countRequest(method: string, route: string, status: number, seconds: number): void {
  requests.inc({ method, route, status });
  durations.observe({ method, route }, seconds);
}

/** Serves the metrics to Prometheus. */
@Controller('metrics')
@ApiExcludeController()
export class MetricsController {
  @Get()
  @Header('Content-Type', registry.contentType)
  metrics(): Promise<string> {
    return registry.metrics();
  }
}
