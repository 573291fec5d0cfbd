import { Controller, Get, Header, Injectable } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ScimTokenMetrics } from '../../core/scim-token-metrics';
import type { Connections } from '../connections';
import { DatabaseMetrics } from './database-metrics';

/** The service's Prometheus metrics. No label holds a tenant, a token or a user. */
@Injectable()
export class ServiceMetrics {
  private readonly registry = new Registry();

  private readonly requests = new Counter({
    name: 'http_requests_total',
    help: 'Answered HTTP requests; status "aborted" where the client did not wait for the answer.',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });

  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  constructor(
    private readonly tokens: ScimTokenMetrics,
    private readonly database: DatabaseMetrics,
  ) {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts an answered request under its route's pattern, never its path. */
  countRequest(request: {
    method: string;
    route: string;
    status: number | 'aborted';
    seconds: number;
  }): void {
    const { method, route, status, seconds } = request;
    this.requests.inc({ method, route, status });
    this.durations.observe({ method, route }, seconds);
  }

  /** Shows a server's connections. */
  watch(connections: Connections): void {
    const registers = [this.registry];
    new Gauge({
      name: 'http_connections',
      help: 'Connections that are open.',
      registers,
      collect() {
        this.set(connections.open);
      },
    });
    const dropped = new Counter({
      name: 'http_connections_dropped_total',
      help: 'Connections that were closed at once, since MAX_CONNECTIONS were open.',
      registers,
    });
    connections.onDrop(() => {
      dropped.inc();
    });
  }

  /** All of them in Prometheus' text format; what the database tells is as of its last inventory. */
  async exposition(): Promise<string> {
    await this.database.refresh();
    const registries = [this.registry, this.database.registry, this.tokens.registry];
    return Registry.merge(registries).metrics();
  }
}

/** Serves the metrics to Prometheus. */
@Controller('metrics')
@ApiExcludeController()
export class MetricsController {
  constructor(private readonly metrics: ServiceMetrics) {}

  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('Cache-Control', 'no-store')
  expose(): Promise<string> {
    return this.metrics.exposition();
  }
}
