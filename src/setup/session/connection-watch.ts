import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '../../core/clock';
import { LogEntry } from '../../core/log-entry';
import { NOBODY_ASKED } from '../../core/request-context';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { runUnlogged, tenantsSelected, type OwnDataSource } from '../../database/own-statements';
import { InjectScimTokensDataSource } from '../../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../../database/table-names';
import { Ledger } from '../../ledger/ledger';
import type { LedgerTransaction } from '../../ledger/ledger-transaction';
import { noteConnection } from '../../ledger/setup-links';
import { SCAN_BATCH, type ScanTask } from '../../scan/lifecycle-scan';
import { WATCHED } from '../../usage/setup-link-failures';
import { UsageWriter } from '../../usage/usage-writer';
import { connectionProgress, SYNCED } from './connection-progress';

/** Seconds in which a use is written while somebody may be looking at a setup page. */
const FLUSH_SECONDS = 5;

/** There is something to note: the first use, or that it synced. */
const DUE = `((l.connected_at IS NULL AND p.first_at IS NOT NULL) OR ${SYNCED})`;

interface WatchedToken {
  readonly tenant_id: string;
  readonly token_id: string;
  readonly is_due: boolean;
}

/**
 * Notes when the connections of setup links are first used, and when they sync: after the uses that this
 * instance wrote; what others wrote, and were stopped before they noted it, by the scan.
 */
@Injectable()
export class ConnectionWatch
  implements ScanTask, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly logger = new Logger(ConnectionWatch.name);
  private readonly tables: QualifiedTables;
  /** Links that are looked at, with their progress. */
  private readonly watched: string;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: OwnDataSource,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly options: ResolvedScimTokensOptions,
    private readonly usage: UsageWriter,
  ) {
    this.tables = qualifiedTables(dataSource);
    this.watched = `${connectionProgress(this.tables, '$1')} WHERE ${WATCHED} AND l.expires_at > $1`;
    if (options.setup !== null) usage.afterFlush((tokenIds) => this.afterUse(tokenIds));
  }

  /** Where uses are written rarely, they are written at once for whoever waits for the first one. */
  onApplicationBootstrap(): void {
    const { setup, usageFlushSeconds } = this.options;
    if (setup === null || usageFlushSeconds <= FLUSH_SECONDS) return;
    this.timer = setInterval(() => void this.flushWatched(), FLUSH_SECONDS * 1000);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** @returns ids of the tokens whose next use somebody waits for */
  async afterUse(tokenIds: readonly string[]): Promise<string[]> {
    try {
      const rows = await runUnlogged<WatchedToken>(
        this.dataSource,
        `SELECT l.tenant_id, t.id AS token_id, ${DUE} AS is_due FROM ${this.watched}
         AND t.id = ANY($2::uuid[])`,
        [this.clock.now(), tokenIds],
      );
      const due = rows.filter(({ is_due }) => is_due).map(({ tenant_id }) => tenant_id);
      for (const tenantId of new Set(due)) {
        await this.ledger.write(tenantId, NOBODY_ASKED, (transaction) => this.work(transaction));
      }
      return rows.map(({ token_id }) => token_id);
    } catch (error) {
      this.logger.warn(
        new LogEntry('Setup links could not be looked at after a use', { err: error }),
      );
      return [];
    }
  }

  async dueTenants(now: Date): Promise<string[]> {
    if (this.options.setup === null) return [];
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT l.tenant_id FROM ${this.watched} AND ${DUE}`,
      [now],
    );
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const due = await transaction.rows<{ id: string; first_at: Date; synced_at: Date | null }>(
      `SELECT l.id, p.first_at, CASE WHEN ${SYNCED} THEN p.last_at END AS synced_at
       FROM ${this.watched} AND l.tenant_id = $2 AND ${DUE} LIMIT $3`,
      [transaction.now, transaction.tenantId, SCAN_BATCH],
    );
    for (const { id, first_at: connectedAt, synced_at: syncedAt } of due) {
      await noteConnection(transaction, id, { connectedAt, syncedAt });
    }
    return due.length;
  }

  private async flushWatched(): Promise<void> {
    try {
      const [row] = await runUnlogged<{ exists: boolean }>(
        this.dataSource,
        `SELECT EXISTS (SELECT FROM ${this.tables.setupLinks} l WHERE ${WATCHED} AND l.expires_at > $1) AS exists`,
        [this.clock.now()],
      );
      if (row?.exists) await this.usage.flush();
    } catch (error) {
      this.logger.warn(new LogEntry('Setup links could not be looked for', { err: error }));
    }
  }
}
