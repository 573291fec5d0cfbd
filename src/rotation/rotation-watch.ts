import { Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '../core/clock';
import { LogEntry } from '../core/log-entry';
import { NOBODY_ASKED } from '../core/request-context';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { storedColumns } from '../database/token-columns';
import { Ledger } from '../ledger/ledger';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { completeRotations, type RotatedToken } from '../ledger/rotation';
import { UsageWriter } from '../usage/usage-writer';
import { SCAN_BATCH, type ScanTask } from '../scan/lifecycle-scan';

/** Minutes after its first use at which another use of the new secret proves the change-over. */
const PROOF_MINUTES = 30;

/**
 * The change-over is proven: the new secret (`c`) was used again some time after its first use, which a
 * console's "Test connection" is, and the old one (`p`) not since that first use.
 */
const PROVEN = `c.last_used_at >= c.first_used_at + interval '${PROOF_MINUTES} minutes'
  AND (p.last_used_at IS NULL OR p.last_used_at <= c.first_used_at)`;

/** The old secret is still in use, or the new one was never seen, with a quarter of the overlap left. */
const STALLED = `p.expires_at > $1 AND p.stalled_at IS NULL
  AND p.expires_at - (p.expires_at - c.created_at) / 4 <= $1
  AND (c.first_used_at IS NULL OR p.last_used_at > c.first_used_at)`;

/** The overlap is over, or not needed any more. */
const OVER = `(p.expires_at <= $1 OR (${PROVEN}))`;

/**
 * Ends old secrets that have done their duty, and tells of rotations that stall: looked for under the
 * tenant's lock, so that nothing is done twice.
 */
@Injectable()
export class RotationWatch implements ScanTask {
  private readonly logger = new Logger(RotationWatch.name);
  private readonly tables: QualifiedTables;
  /** Tokens under rotation with their old secret as `p` and their new one as `c`: reads a small index. */
  private readonly rotations: string;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    usage: UsageWriter,
  ) {
    this.tables = qualifiedTables(dataSource);
    const { secrets, tokens } = this.tables;
    this.rotations = `${secrets} p
      JOIN ${secrets} c ON c.tenant_id = p.tenant_id AND c.token_id = p.token_id
        AND c.expires_at IS NULL AND c.retired_at IS NULL
      JOIN ${tokens} t ON t.tenant_id = p.tenant_id AND t.id = p.token_id AND t.revoked_at IS NULL
      WHERE p.expires_at IS NOT NULL AND p.retired_at IS NULL`;
    usage.afterFlush(async (tokenIds) => {
      await this.afterUse(tokenIds);
      return [];
    });
  }

  /** Looks at tokens whose use was just written. Where it fails, the overlap runs its course. */
  async afterUse(tokenIds: readonly string[]): Promise<void> {
    try {
      const tenants = await this.tenantsWhere(
        `p.expires_at > $1 AND p.token_id = ANY($2::uuid[]) AND ${PROVEN}`,
        [this.clock.now(), tokenIds],
      );
      for (const tenantId of tenants) {
        await this.ledger.write(tenantId, NOBODY_ASKED, (transaction) =>
          this.completeDue(transaction),
        );
      }
    } catch (error) {
      this.logger.warn(
        new LogEntry('Rotations could not be looked at after a use', { err: error }),
      );
    }
  }

  dueTenants(now: Date): Promise<string[]> {
    return this.tenantsWhere(`(p.expires_at <= $1 OR (${STALLED}))`, [now]);
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const completed = await this.completeDue(transaction);
    const stalled = await this.find(transaction, STALLED);
    await transaction.rows(
      `UPDATE ${this.tables.secrets} SET stalled_at = $2 WHERE tenant_id = $1 AND id = ANY($3::uuid[])`,
      [transaction.tenantId, transaction.now, stalled.map(({ previous_id }) => previous_id)],
    );
    for (const token of stalled) {
      transaction.tell(token, { entry: null, event: 'scim_token.rotation_stalled' });
    }
    return Math.max(completed, stalled.length);
  }

  private async completeDue(transaction: LedgerTransaction): Promise<number> {
    const due = await this.find(transaction, OVER);
    await completeRotations(transaction, due);
    return due.length;
  }

  private find(transaction: LedgerTransaction, condition: string): Promise<RotatedToken[]> {
    return transaction.rows<RotatedToken>(
      `SELECT ${storedColumns('t')}, p.id AS previous_id FROM ${this.rotations}
       AND p.tenant_id = $2 AND ${condition} LIMIT $3`,
      [transaction.now, transaction.tenantId, SCAN_BATCH],
    );
  }

  private async tenantsWhere(condition: string, parameters: unknown[]): Promise<string[]> {
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT t.tenant_id FROM ${this.rotations} AND ${condition}`,
      parameters,
    );
  }
}
