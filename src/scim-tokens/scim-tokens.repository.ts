import { Injectable } from '@nestjs/common';
import { TOKEN_COLUMNS, tokenSource } from '../database/token-columns';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { TenantScope } from '../core/tenant-scope';
import { withRotations } from './with-rotations';
import { insertSecret, type NewSecret } from '../ledger/insert-secret';
import type { TenantTransaction } from '../ledger/tenant-transaction';
import { type LockedToken, type TokenChanges, type TokenRow } from '../core/token-row';
import { Where } from '../database/where';

/** All SQL on single tokens. Every statement carries the tenant scope in its WHERE. */
@Injectable()
export class ScimTokensRepository {
  private readonly tables: QualifiedTables;
  private readonly source: string;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
    this.source = tokenSource(this.tables);
  }

  /** One token within the scope. */
  async find(scope: TenantScope, id: string): Promise<TokenRow | null> {
    const where = new Where().add('t.id =', id).scope('t.tenant_id', scope);
    const rows = await this.read<TokenRow>(
      `SELECT ${TOKEN_COLUMNS} FROM ${this.source} ${where.text}`,
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

  /** A token of the locked tenant, with its current secret's creation, from which its lifetime counts. */
  async findLocked(
    transaction: TenantTransaction,
    tenantId: string,
    id: string,
  ): Promise<LockedToken | null> {
    const rows = await transaction.rows<LockedToken>(
      `SELECT ${TOKEN_COLUMNS}, s.created_at AS secret_created_at, s.last_used_at AS secret_last_used_at
       FROM ${this.source}
       LEFT JOIN ${this.tables.secrets} s
         ON s.tenant_id = t.tenant_id AND s.token_id = t.id AND s.expires_at IS NULL AND s.retired_at IS NULL
       WHERE t.id = $1 AND t.tenant_id = $2`,
      [id, tenantId],
    );
    const [row] = await withRotations(rows, this.tables, (sql, values) =>
      transaction.rows(sql, values),
    );
    return row ?? null;
  }

  /** Stores a new token and its first secret. */
  async insert(transaction: TenantTransaction, row: TokenRow, secret: NewSecret): Promise<void> {
    await transaction.affected(
      `INSERT INTO ${this.tables.tokens}
         (id, tenant_id, name, description, token_prefix, last_four, scopes, allowed_ips, enabled,
          expires_at, created_at, updated_at, created_by, version, allowed_ips_mode)
       VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)`,
      [
        row.id,
        row.tenant_id,
        row.name,
        row.description,
        row.token_prefix,
        row.last_four,
        row.scopes,
        row.allowed_ips,
        row.enabled,
        row.expires_at,
        row.created_at,
        row.updated_at,
        row.created_by,
        row.version,
        row.allowed_ips_mode,
      ],
    );
    await insertSecret(transaction, row.id, secret, row.created_at);
  }

  /** Changes a token of the locked tenant that is still as it was read; answers whether it was. */
  async update(
    transaction: TenantTransaction,
    row: TokenRow,
    changes: TokenChanges,
    now: Date,
  ): Promise<boolean> {
    const where = new Where()
      .add('id =', row.id)
      .add('tenant_id =', row.tenant_id)
      .add('version =', row.version);
    const assignments = Object.entries(changes).map(
      ([column, value]) => `${column} = ${where.use(value)}`,
    );
    if (changes.expires_at && changes.expires_at.getTime() !== row.expires_at.getTime()) {
      assignments.push(`expiry_set_at = ${where.use(now)}`);
    }
    const changed = await transaction.affected(
      `UPDATE ${this.tables.tokens}
       SET ${assignments.join(', ')}, version = version + 1, updated_at = ${where.use(now)}
       ${where.text} AND revoked_at IS NULL`,
      where.parameters,
    );
    return changed === 1;
  }

  /** Revokes every token of the locked tenant that is not revoked yet, and answers them. */
  async revokeAll(
    transaction: TenantTransaction,
    tenantId: string,
    by: { readonly actor: string | null; readonly at: Date; readonly reason: string },
  ): Promise<Pick<TokenRow, 'id' | 'tenant_id' | 'name' | 'last_four' | 'expires_at'>[]> {
    return transaction.rows(
      `UPDATE ${this.tables.tokens}
       SET revoked_at = $2, revoked_by = $3, revocation_reason = $4, version = version + 1, updated_at = $2
       WHERE tenant_id = $1 AND revoked_at IS NULL
       RETURNING id, tenant_id, name, last_four, expires_at`,
      [tenantId, by.at, by.actor, by.reason],
    );
  }

  /** Revokes a token of the locked tenant; answers false if it was revoked already. */
  async revoke(
    transaction: TenantTransaction,
    row: Pick<TokenRow, 'id' | 'tenant_id'>,
    by: { readonly actor: string | null; readonly at: Date; readonly reason: string | null },
  ): Promise<boolean> {
    const changed = await transaction.affected(
      `UPDATE ${this.tables.tokens}
       SET revoked_at = $3, revoked_by = $4, revocation_reason = $5, version = version + 1, updated_at = $3
       WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL`,
      [row.id, row.tenant_id, by.at, by.actor, by.reason],
    );
    return changed === 1;
  }

  private async read<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, parameters);
  }
}
