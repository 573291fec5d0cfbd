import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { Gauge, Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock';
import { Inventory, WITHIN_DAYS, type InventoryCounts } from './inventory';

/** Milliseconds between two inventories: counting a million tokens costs some 0.2 s. */
const REFRESH_MS = 10_000;
/** Milliseconds that a scrape waits for an inventory; later it tells what was counted last. */
const SCRAPE_WAIT_MS = 1_000;

/** What the database and our connections to it look like. Instances tell the same of the tokens: take the maximum. */
export class DatabaseMetrics {
  readonly registry = new Registry();
  private readonly logger = new Logger(DatabaseMetrics.name);
  private readonly inventory: Inventory;
  private counting: Promise<void> | null = null;
  private startedAt = -Infinity;
  private countedAt: number | null = null;

  private readonly tokens = this.gauge('scim_tokens', 'Tokens by status.', ['status']);
  private readonly expiring = this.gauge(
    'scim_tokens_expiring',
    'Tokens, neither revoked nor expired, that expire within so many days.',
    ['within_days'],
  );

  constructor(dataSource: DataSource, clock: Clock) {
    this.inventory = new Inventory(dataSource, clock);
    this.gauge('scim_tokens_counted_age_seconds', 'Age of the counts of tokens.', [], () =>
      this.countedAt === null ? NaN : (performance.now() - this.countedAt) / 1000,
    );
    const pool = (): Pool => (dataSource.driver as unknown as { master: Pool }).master;
    this.gauge('database_pool_connections', 'Open connections to the database.', [], () => {
      return pool().totalCount;
    });
    this.gauge('database_pool_idle', 'Open connections that nobody uses.', [], () => {
      return pool().idleCount;
    });
    this.gauge('database_pool_waiting', 'Requests that wait for a connection.', [], () => {
      return pool().waitingCount;
    });
    this.gauge('database_pool_max', 'Most connections that may be open.', [], () => {
      return pool().options.max;
    });
  }

  /** Counts anew where the last inventory is old, one at a time; neither waits long nor fails. */
  async refresh(): Promise<void> {
    if (this.counting === null && performance.now() - this.startedAt >= REFRESH_MS) {
      this.startedAt = performance.now();
      this.counting = this.count().finally(() => {
        this.counting = null;
      });
    }
    if (this.counting) await Promise.race([this.counting, delay(SCRAPE_WAIT_MS)]);
  }

  private async count(): Promise<void> {
    try {
      this.show(await this.inventory.take());
      this.countedAt = performance.now();
    } catch (error) {
      this.logger.warn({ err: error }, 'The tokens could not be counted');
    }
  }

  private show({ byStatus, expiring }: InventoryCounts): void {
    for (const [status, count] of Object.entries(byStatus)) this.tokens.set({ status }, count);
    for (const days of WITHIN_DAYS) this.expiring.set({ within_days: days }, expiring[days]);
  }

  private gauge(name: string, help: string, labelNames: string[], read?: () => number): Gauge {
    const { registry } = this;
    return new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      ...(read && {
        collect() {
          this.set(read());
        },
      }),
    });
  }
}
