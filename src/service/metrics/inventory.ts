import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock';
import { daysAfter } from '../../core/time';
import { qualifiedTables } from '../../database/table-names';
import type { TokenStatus } from '../../core/scim-token.constants';

/** The horizons, in days, that tokens about to expire are counted for. */
export const WITHIN_DAYS = [1, 7, 14, 30, 90] as const;

/** Milliseconds after which the server gives a count up: it must never weigh on real work. */
const STATEMENT_TIMEOUT_MS = 2_000;

/** How many tokens there are, in all tenants together. */
export interface InventoryCounts {
  readonly byStatus: Readonly<Record<TokenStatus, number>>;
  /** Neither revoked nor expired, by the horizon within which they expire. */
  readonly expiring: Readonly<Record<(typeof WITHIN_DAYS)[number], number>>;
}

/** Counts the tokens for the metrics; the one read without a tenant's scope, and it answers numbers alone. */
export class Inventory {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** One pass over the tokens, cut off after 2 s. */
  async take(): Promise<InventoryCounts> {
    const now = this.clock.now();
    const horizons = WITHIN_DAYS.map((days) => daysAfter(now, days));
    const row = await this.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
      const [counts] = await manager.query<[Record<string, string>]>(
        `SELECT count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked,
                count(*) FILTER (WHERE revoked_at IS NULL AND expires_at <= $1) AS expired,
                count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > $1 AND NOT enabled) AS disabled,
                count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > $1 AND enabled) AS active,
                ${WITHIN_DAYS.map(
                  (days, index) =>
                    `count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > $1
                       AND expires_at <= $${index + 2}) AS within_${days}`,
                ).join(', ')}
         FROM ${qualifiedTables(this.dataSource).tokens}`,
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
      expiring: Object.fromEntries(
        WITHIN_DAYS.map((days) => [days, number(`within_${days}`)]),
      ) as InventoryCounts['expiring'],
    };
  }
}
