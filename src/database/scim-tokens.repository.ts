import { Injectable } from '@nestjs/common';
import type { TenantScope } from '../core/request-context';
import type { RotationRow, TokenRow } from '../core/token';
import type { OwnDataSource } from './own-statements';
import { InjectScimTokensDataSource } from './scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from './table-names';
import { TOKEN_COLUMNS, tokenSource } from './token-columns';
import { Where } from './where';

/** Reads of single tokens. Every statement carries the tenant scope in its WHERE. */
@Injectable()
export class ScimTokensRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /** One token within the scope. */
  async find(scope: TenantScope, id: string): Promise<TokenRow | null> {
    const where = new Where().add('t.id =', id).scope('t.tenant_id', scope);
    const rows = await this.read<TokenRow>(
      `SELECT ${TOKEN_COLUMNS} FROM ${tokenSource(this.tables)} ${where.text}`,
      where.parameters,
    );
    const [row] = await withRotations(rows, this.tables, (sql, values) => this.read(sql, values));
    return row ?? null;
  }

  /** The tenant of a token within the scope: which tenant's lock a write must take. */
  async findTenant(scope: TenantScope, id: string): Promise<string | null> {
    const where = new Where().add('t.id =', id).scope('t.tenant_id', scope);
    const [row] = await this.read<{ tenant_id: string }>(
      `SELECT t.tenant_id FROM ${this.tables.tokens} t ${where.text}`,
      where.parameters,
    );
    return row?.tenant_id ?? null;
  }

  private read<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.dataSource.queryPrepared<Row[]>(sql, parameters);
  }
}

/**
 * The rows, those of tokens under rotation with what is known of their two secrets. These are few: a
 * read of their own costs less than a join in every other one.
 */
export async function withRotations<Row extends TokenRow>(
  rows: Row[],
  { secrets, tokens }: QualifiedTables,
  query: (
    sql: string,
    parameters: unknown[],
  ) => Promise<(RotationRow & { readonly token_id: string })[]>,
): Promise<Row[]> {
  const rotated = rows.filter(
    ({ rotation_ends_at, revoked_at }) => rotation_ends_at !== null && revoked_at === null,
  );
  if (rotated.length === 0) return rows;
  const found = await query(
    `SELECT t.id AS token_id, c.created_at AS started_at, c.first_used_at AS new_first_used_at,
       p.last_four AS previous_last_four, p.expires_at AS previous_expires_at,
       p.last_used_at AS previous_last_used_at
     FROM ${tokens} t
     JOIN ${secrets} p ON p.tenant_id = t.tenant_id AND p.token_id = t.id
       AND p.expires_at IS NOT NULL AND p.retired_at IS NULL
     JOIN ${secrets} c ON c.tenant_id = t.tenant_id AND c.token_id = t.id
       AND c.expires_at IS NULL AND c.retired_at IS NULL
     WHERE t.id = ANY($1::uuid[]) AND t.tenant_id = ANY($2)`,
    [rotated.map(({ id }) => id), rotated.map(({ tenant_id }) => tenant_id)],
  );
  const byToken = new Map(found.map((rotation) => [rotation.token_id, rotation]));
  return rows.map((row) => ({ ...row, rotation: byToken.get(row.id) ?? null }));
}
