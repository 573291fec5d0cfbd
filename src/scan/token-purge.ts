import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { daysAfter } from '../core/time';
import { runUnlogged } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { TenantTransaction } from '../ledger/tenant-transaction';
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
    const rows = await runUnlogged<{ tenant_id: string }>(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM ${this.tables.tokens} WHERE revoked_at <= $1`,
      [this.before(now)],
    );
    return rows.map(({ tenant_id }) => tenant_id);
  }

  async work(transaction: TenantTransaction, tenantId: string, now: Date): Promise<number> {
    const { tokens } = transaction.tables;
    const purged = await transaction.rows<{ id: string }>(
      `DELETE FROM ${tokens} WHERE tenant_id = $1 AND id IN (
         SELECT id FROM ${tokens} WHERE tenant_id = $1 AND revoked_at <= $2
         ORDER BY revoked_at, id LIMIT ${SCAN_BATCH})
       RETURNING id`,
      [tenantId, this.before(now)],
    );
    for (const { id } of purged) transaction.evict(id);
    return purged.length;
  }

  private before(now: Date): Date {
    return daysAfter(now, -this.options.purgeAfterDays);
  }
}
