import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from './scim-tokens-data-source';
import { qualifiedTables } from './table-names';

/** A tenant that our tables hold something of. */
export interface HeldTenant {
  readonly id: string;
  /** Its tokens that are not revoked. */
  readonly tokens: number;
}

/** Which tenants our tables hold something of, whatever the directory knows. */
@Injectable()
export class TenantsRepository {
  private readonly table: string;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.table = qualifiedTables(dataSource).tenants;
  }

  /** A tenant's tokens that are not revoked; null where we never held anything of it. One indexed read. */
  async countTokens(tenantId: string): Promise<number | null> {
    const [row] = await this.dataSource.query<{ tokens: number }[]>(
      `SELECT listed_count AS tokens FROM ${this.table} WHERE tenant_id = $1`,
      [tenantId],
    );
    return row?.tokens ?? null;
  }

  /** Tenants with tokens that are not revoked, by id, from the one after `id` on; ids and numbers alone. */
  async withTokensAfter(id: string, limit: number): Promise<HeldTenant[]> {
    return this.dataSource.query<HeldTenant[]>(
      `SELECT tenant_id AS id, listed_count AS tokens FROM ${this.table}
       WHERE tenant_id > $1 AND listed_count > 0 ORDER BY tenant_id LIMIT $2`,
      [id, limit],
    );
  }
}
