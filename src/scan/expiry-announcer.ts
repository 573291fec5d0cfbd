import { DAY_MS } from '../core/clock';
import type { EventToken } from '../core/scim-token-event-listener';
import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { Outbox } from '../ledger/outbox';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';

/** A token whose expiry is to be announced. */
interface DueToken extends EventToken {
  readonly expires_at: Date;
  /** The tightest threshold that is due; 0 where the token has expired. */
  readonly days: number;
}

/**
 * Announces expiries: each threshold once, however many instances scan and whenever one of them dies,
 * since what was announced is marked in the transaction that queues the event.
 */
@Injectable()
export class ExpiryAnnouncer implements ScanTask {
  private readonly tables: QualifiedTables;
  /** Days before an expiry at which it is announced; 0 stands for the expiry itself. */
  private readonly days: readonly number[];

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    { expiryNoticeDays }: ResolvedScimTokensOptions,
    { targets }: Outbox,
  ) {
    this.tables = qualifiedTables(dataSource);
    this.days = targets.length > 0 ? [0, ...expiryNoticeDays] : [0];
  }

  async dueTenants(now: Date): Promise<string[]> {
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT t.tenant_id FROM ${this.due('$1', '$2')}`,
      [now, this.days],
    );
  }

  /** Soonest expiry first. */
  async work(transaction: LedgerTransaction): Promise<number> {
    const tokens = await transaction.rows<DueToken>(
      `WITH due AS MATERIALIZED (
         SELECT t.id, d.days FROM ${this.due('$1', '$2')} AND t.tenant_id = $3
         ORDER BY t.expires_at LIMIT ${SCAN_BATCH}
       )
       UPDATE ${this.tables.tokens} t
       SET announced_expires_at = t.expires_at, announced_days = due.days
       FROM due WHERE t.tenant_id = $3 AND t.id = due.id
       RETURNING t.id, t.tenant_id, t.name, t.last_four, t.expires_at, due.days`,
      [transaction.now, this.days, transaction.tenantId],
    );
    for (const token of tokens) announce(transaction, token);
    return tokens.length;
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

function announce(transaction: LedgerTransaction, token: DueToken): void {
  if (token.days > 0) {
    const daysLeft = Math.ceil((token.expires_at.getTime() - transaction.now.getTime()) / DAY_MS);
    transaction.tell(token, { entry: null, event: 'scim_token.expiring', daysLeft });
    return;
  }
  transaction.tell(token, { entry: 'scim_token.expired', event: 'scim_token.expired' });
}
