import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';

/** Removes access tokens that have run out: what is left are those that live, one or two for each connection. */
@Injectable()
export class ExpiredAccessTokens implements ScanTask {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  async dueTenants(now: Date): Promise<string[]> {
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM ${this.tables.accessTokens} WHERE expires_at <= $1`,
      [now],
    );
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const removed = await transaction.rows(
      `DELETE FROM ${this.tables.accessTokens} WHERE tenant_id = $1 AND id IN (
         SELECT id FROM ${this.tables.accessTokens} WHERE tenant_id = $1 AND expires_at <= $2 LIMIT ${SCAN_BATCH})
       RETURNING id`,
      [transaction.tenantId, transaction.now],
    );
    return removed.length;
  }
}
