import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { daysAfter } from '../core/clock';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';

/** Removes setup links whose time was over long ago, however they ended. The audit trail stays. */
@Injectable()
export class SetupLinkPurge implements ScanTask {
  private readonly tables: QualifiedTables;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly options: ResolvedScimTokensOptions,
  ) {
    this.tables = qualifiedTables(dataSource);
  }

  async dueTenants(now: Date): Promise<string[]> {
    if (this.options.purgeAfterDays === 0) return [];
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM ${this.tables.setupLinks} WHERE expires_at <= $1`,
      [this.before(now)],
    );
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const { setupLinks } = this.tables;
    const removed = await transaction.rows(
      `DELETE FROM ${setupLinks} WHERE tenant_id = $1 AND id IN (
         SELECT id FROM ${setupLinks} WHERE tenant_id = $1 AND expires_at <= $2 LIMIT ${SCAN_BATCH})
       RETURNING id`,
      [transaction.tenantId, this.before(transaction.now)],
    );
    return removed.length;
  }

  private before(now: Date): Date {
    return daysAfter(now, -this.options.purgeAfterDays);
  }
}
