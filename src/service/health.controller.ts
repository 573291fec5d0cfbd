import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Header, type OnModuleInit } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthIndicatorResult,
  TypeOrmHealthIndicator,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { RevocationChannel } from '../verification/revocation-channel';

/** Milliseconds the database has to answer a health check. */
const CHECK_TIMEOUT_MS = 1_000;
/** Milliseconds that what was seen may be shown. */
const FRESH_MS = 1_000;

/**
 * Looks at something at most once a second, however many ask: who comes while a look is under way shares it,
 * who comes later is told what it saw, for a second from its beginning.
 */
export class SharedLook<Sight> {
  private startedAt = -Infinity;
  private underWay: Promise<Sight> | null = null;
  private last: Promise<Sight> | null = null;

  constructor(private readonly look: () => Promise<Sight>) {}

  /** Has the next who asks look anew: what was seen is known to have changed. */
  forget(): void {
    this.last = null;
  }

  /** What is seen now, or was less than a second ago; a look that fails is shared as well. */
  see(): Promise<Sight> {
    if (this.underWay) return this.underWay;
    if (this.last && performance.now() - this.startedAt < FRESH_MS) return this.last;
    this.startedAt = performance.now();
    this.last = this.look().finally(() => {
      this.underWay = null;
    });
    this.underWay = this.last;
    return this.last;
  }
}

/** For load balancers and orchestrators: is the process alive, may it get traffic. */
@Controller('health')
@ApiExcludeController()
export class HealthController implements OnModuleInit {
  private readonly readiness = new SharedLook(() => this.look());

  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly indicators: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly channel: RevocationChannel,
  ) {}

  /** A connection that breaks says more than a look before it. */
  onModuleInit(): void {
    const { master } = this.dataSource.driver as unknown as { readonly master: EventEmitter };
    master.on('error', () => {
      this.readiness.forget();
    });
  }

  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * 503 without a database or with migrations that have not run; an instance whose cache is stale only says so.
   * Anyone may ask: the database is asked once a second at most.
   */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.readiness.see();
  }

  private look(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database', { timeout: CHECK_TIMEOUT_MS }),
      () => this.migrations(),
      () => this.listener(),
    ]);
  }

  private async migrations(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('migrations');
    const pending = await Promise.race([
      this.dataSource.showMigrations().catch(() => true),
      delay(CHECK_TIMEOUT_MS, true, { ref: false }),
    ]);
    return pending ? indicator.down({ message: 'Migrations have not run' }) : indicator.up();
  }

  /** Never down: without it every check reads the database, which is slower and as right. */
  private listener(): HealthIndicatorResult {
    const indicator = this.indicators.check('listener');
    if (this.channel.isConnected) return indicator.up({ state: 'hearing' });
    return indicator.up({
      state: 'degraded',
      message: 'Revocations made elsewhere are not heard: set DATABASE_LISTEN_URL',
    });
  }
}
