import { daysAfter } from '../core/clock';
import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';

/** Removes tokens that were revoked long ago, with their secrets and uses. The audit trail stays. */
@Injectable()
export class TokenPurge implements ScanTask {
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
      `SELECT DISTINCT tenant_id FROM ${this.tables.tokens} WHERE revoked_at <= $1`,
      [this.before(now)],
    );
  }

  work(transaction: LedgerTransaction): Promise<number> {
    return transaction.purge(this.before(transaction.now), SCAN_BATCH);
  }

  private before(now: Date): Date {
    return daysAfter(now, -this.options.purgeAfterDays);
  }
}
