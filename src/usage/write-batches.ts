import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { hasCitus } from '../database/citus';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables } from '../database/table-names';

/** Something that is counted for a tenant. */
export interface OfTenant {
  readonly tenantId: string;
}

/** What one statement may write. */
@Injectable()
export class WriteBatches {
  private readonly tenants: string;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tenants = qualifiedTables(dataSource).tenants;
  }

  /**
   * All rows at once, or on Citus, where a statement locks rows of one shard alone, those of one tenant each.
   * Elsewhere a statement a tenant would take many times as long.
   */
  async of<Row extends OfTenant>(rows: readonly Row[]): Promise<Row[][]> {
    if (rows.length === 0) return [];
    if (!(await hasCitus(this.dataSource))) return [[...rows]];
    const batches = new Map<string, Row[]>();
    for (const row of rows) {
      const batch = batches.get(row.tenantId) ?? [];
      batches.set(row.tenantId, batch);
      batch.push(row);
    }
    return [...batches.values()];
  }

  /** Rows of tenants that ever had a token: a flood of names is not worth a statement each. */
  async ofKnownTenants<Row extends OfTenant>(rows: readonly Row[]): Promise<Row[]> {
    if (rows.length === 0) return [];
    const found = await this.dataSource.query<{ tenant_id: string }[]>(
      `SELECT tenant_id FROM ${this.tenants} WHERE tenant_id = ANY($1)`,
      [[...new Set(rows.map(({ tenantId }) => tenantId))]],
    );
    const known = new Set(found.map(({ tenant_id }) => tenant_id));
    return rows.filter(({ tenantId }) => known.has(tenantId));
  }
}

/**
 * Condition for rows that are all of one tenant: by a join alone Citus does not see which shard a statement
 * is about.
 *
 * @param place number of its parameter
 */
export function onlyTenant(
  rows: readonly OfTenant[],
  place: number,
): { readonly of: (alias: string) => string; readonly values: readonly string[] } {
  const [tenantId, ...others] = new Set(rows.map((row) => row.tenantId));
  if (tenantId === undefined || others.length > 0) return { of: () => '', values: [] };
  return { of: (alias) => `AND ${alias}.tenant_id = $${place}`, values: [tenantId] };
}

/** Of each token the latest alone. */
export function latestOfTokens<
  Row extends { readonly tokenId: string | null; readonly lastAt: number },
>(rows: readonly Row[]): Row[] {
  const latest = new Map<string | null, Row>();
  for (const row of rows) {
    const known = latest.get(row.tokenId);
    if (!known || known.lastAt <= row.lastAt) latest.set(row.tokenId, row);
  }
  return [...latest.values()];
}
