import type { DataSource } from 'typeorm';
import { runUnlogged } from '../database/own-statements';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { NoticeToken } from '../core/notice';
import type { TenantTransaction } from '../ledger/tenant-transaction';

/** What is due as of when. */
export interface ExpiryHorizon {
  readonly now: Date;
  /** Days before an expiry at which it is announced; 0 stands for the expiry itself. */
  readonly days: readonly number[];
}

/** A token whose expiry is to be announced. */
export interface DueToken extends NoticeToken {
  /** The tightest threshold that is due; 0 where the token has expired. */
  readonly days: number;
}

/** The SQL of expiries that are to be announced. */
export class ExpiryRepository {
  private readonly tables: QualifiedTables;

  constructor(private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /** The tenants with something to announce; the one read here without a tenant, and it answers ids alone. */
  async dueTenants({ now, days }: ExpiryHorizon): Promise<string[]> {
    const rows = await runUnlogged<{ tenant_id: string }>(
      this.dataSource,
      `SELECT DISTINCT t.tenant_id FROM ${this.due('$1', '$2')}`,
      [now, days],
    );
    return rows.map(({ tenant_id }) => tenant_id);
  }

  /** Marks due expiries of the locked tenant as announced, soonest first, and answers those it marked. */
  async announce(
    transaction: TenantTransaction,
    tenantId: string,
    { now, days }: ExpiryHorizon,
    most: number,
  ): Promise<DueToken[]> {
    return transaction.rows<DueToken>(
      `WITH due AS MATERIALIZED (
         SELECT t.id, d.days FROM ${this.due('$1', '$2')} AND t.tenant_id = $3
         ORDER BY t.expires_at LIMIT $4
       )
       UPDATE ${this.tables.tokens} t
       SET announced_expires_at = t.expires_at, announced_days = due.days
       FROM due WHERE t.tenant_id = $3 AND t.id = due.id
       RETURNING t.id, t.tenant_id, t.name, t.last_four, t.expires_at, due.days`,
      [now, days, tenantId, most],
    );
  }

  /**
   * Source and condition of the tokens that are due: of an expiry the tightest threshold alone, once, and
   * none that was past when the expiry was set. Days are 24 hours, whatever the session's time zone.
   */
  private due(now: string, days: string): string {
    return `${this.tables.tokens} t CROSS JOIN LATERAL (
         SELECT min(threshold) AS days FROM unnest(${days}::int[]) AS threshold
         WHERE t.expires_at <= ${now}::timestamptz + threshold * interval '24 hours'
       ) d
       WHERE t.revoked_at IS NULL
         AND t.expires_at <= ${now}::timestamptz
           + (SELECT max(threshold) FROM unnest(${days}::int[]) AS threshold) * interval '24 hours'
         AND (t.announced_days IS DISTINCT FROM 0 OR t.announced_expires_at IS DISTINCT FROM t.expires_at)
         AND (t.announced_days > d.days OR t.announced_expires_at IS DISTINCT FROM t.expires_at)
         AND t.expires_at - d.days * interval '24 hours' > coalesce(t.expiry_set_at, t.created_at)`;
  }
}
