import { HEALTH_STATES, type HealthState } from '../../core/health';
import type { TokenStatus } from '../../core/token';
import { daysAfter } from '../../core/clock';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { qualifiedTables } from '../../database/table-names';
import { endOf, tokenSource } from '../../database/token-columns';
import { isOfHealth } from '../../database/token-health';

/** Milliseconds between two inventories: counting a million tokens costs some 0.2 s. */
const REFRESH_MS = 10_000;
/** Milliseconds that a scrape waits for an inventory; later it tells what was counted last. */
const SCRAPE_WAIT_MS = 1_000;

/** The horizons, in days, that tokens about to expire are counted for. */
const WITHIN_DAYS = [1, 7, 14, 30, 90] as const;

/** Milliseconds after which the server gives a count up: it must never weigh on real work. */
const STATEMENT_TIMEOUT_MS = 2_000;

/** How many tokens there are, in all tenants together. */
interface Inventory {
  readonly byStatus: Readonly<Record<TokenStatus, number>>;
  /** Not revoked. */
  readonly byHealth: Readonly<Record<HealthState, number>>;
  /** Neither revoked nor expired, by the horizon within which they expire. */
  readonly expiring: Readonly<Record<(typeof WITHIN_DAYS)[number], number>>;
}

/** What the database and our connections to it look like. Instances tell the same of the tokens: take the maximum. */
@Injectable()
export class DatabaseMetrics {
  readonly registry = new Registry();
  private readonly logger = new Logger(DatabaseMetrics.name);
  private counting: Promise<void> | null = null;
  private startedAt = -Infinity;
  private countedAt: number | null = null;

  private readonly tokens = this.gauge('scim_tokens', 'Tokens by status.', ['status']);
  private readonly health = this.gauge(
    'scim_tokens_health',
    'Tokens that are not revoked, by the state of their connection.',
    ['state'],
  );
  private readonly expiring = this.gauge(
    'scim_tokens_expiring',
    'Tokens, neither revoked nor expired, that expire within so many days.',
    ['within_days'],
  );

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: ResolvedScimTokensOptions,
  ) {
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
      this.show(await takeInventory(this.dataSource, this.options.clock.now()));
      this.countedAt = performance.now();
    } catch (error) {
      this.logger.warn(
        { err: error },
        'The tokens could not be counted: /metrics shows the counts of before',
      );
    }
  }

  private show({ byStatus, byHealth, expiring }: Inventory): void {
    for (const [status, count] of Object.entries(byStatus)) this.tokens.set({ status }, count);
    for (const [state, count] of Object.entries(byHealth)) this.health.set({ state }, count);
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

/** One pass over the tokens, cut off after 2 s: the one read without a tenant's scope, and it returns numbers alone. */
async function takeInventory(dataSource: DataSource, now: Date): Promise<Inventory> {
  const horizons = WITHIN_DAYS.map((days) => daysAfter(now, days));
  const row = await dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    const [counts] = await manager.query<[Record<string, string>]>(
      `SELECT count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked,
              count(*) FILTER (WHERE revoked_at IS NULL AND expires_at <= $1) AS expired,
              count(*) FILTER (WHERE revoked_at IS NULL AND ${endOf('t')} > $1 AND NOT enabled) AS disabled,
              count(*) FILTER (WHERE revoked_at IS NULL AND ${endOf('t')} > $1 AND enabled) AS active,
              ${HEALTH_STATES.map(
                (state) =>
                  `count(*) FILTER (WHERE revoked_at IS NULL AND (${isOfHealth(state, '$1')})) AS health_${state}`,
              ).join(', ')},
              ${WITHIN_DAYS.map(
                (days, index) =>
                  `count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > $1
                     AND expires_at <= $${index + 2}) AS within_${days}`,
              ).join(', ')}
       FROM ${tokenSource(qualifiedTables(dataSource))}`,
      [now, ...horizons],
    );
    return counts;
  });
  const number = (column: string): number => Number(row[column]);
  return {
    byStatus: {
      active: number('active'),
      disabled: number('disabled'),
      expired: number('expired'),
      revoked: number('revoked'),
    },
    byHealth: Object.fromEntries(
      HEALTH_STATES.map((state) => [state, number(`health_${state}`)]),
    ) as Inventory['byHealth'],
    expiring: Object.fromEntries(
      WITHIN_DAYS.map((days) => [days, number(`within_${days}`)]),
    ) as Inventory['expiring'],
  };
}
