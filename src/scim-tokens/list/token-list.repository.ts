import { Injectable } from '@nestjs/common';
import { endOf, TOKEN_COLUMNS, tokenSource } from '../../database/token-columns';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from '../../database/scim-tokens-data-source';
import { AdminReads } from '../../database/admin-reads';
import { isStatementTimeout } from '../../database/database-errors';
import { inTransaction } from '../../database/own-statements';
import { qualifiedTables, type QualifiedTables } from '../../database/table-names';
import type { TenantScope } from '../../core/request-context';
import { withRotations } from '../../database/scim-tokens.repository';
import type { HealthState } from '../../core/health';
import type { AuthMethod, TokenRow, TokenStatus } from '../../core/token';
import { Where } from '../../database/where';
import { orderOf, PER_PAGE_DEFAULT, type ListCursor, type TokenSort } from './list-cursor';

/** Which tokens a list shows; a filter that is undefined lets all pass. */
export interface TokenFilter {
  readonly now: Date;
  /** Undefined for all that are not revoked. */
  readonly status?: TokenStatus | undefined;
  /** Part of the name, in whatever case. */
  readonly q?: string | undefined;
  readonly expires_before?: Date | undefined;
  readonly expires_after?: Date | undefined;
  readonly unused_since?: Date | undefined;
  readonly created_by?: string | undefined;
  readonly auth_method?: AuthMethod | undefined;
  readonly health?: HealthState | undefined;
}

/** Which part of the list, and in which order. */
export interface TokenPage {
  readonly sort: TokenSort;
  readonly limit: number;
  /** Where the page begins: after a position, or after a number of rows. */
  readonly start: ListCursor | number;
}

/** A page of tokens. */
export interface TokenList {
  readonly rows: TokenRow[];
  /** Whether another page follows. */
  readonly more: boolean;
  /** Null for a page that starts at a cursor, and where counting took too long. */
  readonly total: number | null;
}

/** Milliseconds a filtered total may take. */
const COUNT_TIMEOUT_MS = 2_000;

/** SQL of the list. Each order is read from an index, within one tenant and over all. */
@Injectable()
export class TokenListRepository {
  private readonly tables: QualifiedTables;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly reads: AdminReads,
  ) {
    this.tables = qualifiedTables(dataSource);
  }

  /** One page of the tokens within the scope. */
  async list(scope: TenantScope, filter: TokenFilter, page: TokenPage): Promise<TokenList> {
    const { start } = page;
    if (typeof start !== 'number')
      return { ...(await this.read(scope, filter, page)), total: null };
    if (start > 0) {
      const total = await this.count(scope, filter);
      // No OFFSET is run for a page past the end.
      if (total !== null && start >= total) return { rows: [], more: false, total };
      return { ...(await this.read(scope, filter, page)), total };
    }
    const first = await this.read(scope, filter, page);
    if (!isFiltered(filter)) return { ...first, total: Number(first.rows[0]?.total ?? 0) };
    return { ...first, total: first.more ? await this.count(scope, filter) : first.rows.length };
  }

  /** The statement that reads a page, and one row more to see whether another one follows. */
  pageStatement(
    scope: TenantScope,
    filter: TokenFilter,
    { sort, limit, start }: TokenPage,
  ): { readonly sql: string; readonly parameters: unknown[] } {
    const { column, descending } = orderOf(sort);
    const direction = descending ? 'DESC' : 'ASC';
    const order = column === 'expires_at' ? endOf('t') : `t.${column}`;
    const where = this.matching(scope, filter);
    if (typeof start !== 'number') {
      where.after([order, 't.id'], [start.key ?? 'infinity', start.id], descending);
    }
    // The first page and its total are one statement.
    const total =
      start === 0 && !isFiltered(filter) ? `, (${this.sum(scope, where.parameters)}) AS total` : '';
    // What stands in the text, PostgreSQL plans once: a size that few change, and no OFFSET of nothing.
    const rows = limit === PER_PAGE_DEFAULT ? limit + 1 : where.use(limit + 1);
    const offset = typeof start === 'number' && start > 0 ? `OFFSET ${where.use(start)}` : '';
    const sql = `SELECT ${TOKEN_COLUMNS}${total} FROM ${tokenSource(this.tables)} ${where.text}
      ORDER BY ${order} ${direction}, t.id ${direction} LIMIT ${rows} ${offset}`;
    return { sql, parameters: where.parameters };
  }

  private async read(
    scope: TenantScope,
    filter: TokenFilter,
    page: TokenPage,
  ): Promise<{ rows: (TokenRow & { total?: string })[]; more: boolean }> {
    const { sql, parameters } = this.pageStatement(scope, filter, page);
    // Filters combine to many texts; pages of another size are planned anew whatever their text.
    const isUsual = page.limit === PER_PAGE_DEFAULT && !isFiltered(filter);
    const run = isUsual ? 'queryPrepared' : 'query';
    const found = await this.reads[run]<TokenRow & { total?: string }>(sql, parameters);
    const rows = await withRotations(found.slice(0, page.limit), this.tables, (text, values) =>
      this.reads.queryPrepared(text, values),
    );
    return { rows, more: found.length > page.limit };
  }

  private async count(scope: TenantScope, filter: TokenFilter): Promise<number | null> {
    if (isFiltered(filter)) return this.countMatching(scope, filter);
    const parameters: unknown[] = [];
    const [row] = await this.reads.query<{ total: string }>(
      `SELECT (${this.sum(scope, parameters)}) AS total`,
      parameters,
    );
    return Number(row?.total ?? 0);
  }

  /** Without a filter the total is a sum of counters: it costs the same at any number of tokens. */
  private sum(scope: TenantScope, parameters: unknown[]): string {
    const where = new Where(parameters).scope('c.tenant_id', scope);
    return `SELECT coalesce(sum(c.listed_count), 0) FROM ${this.tables.tenants} c ${where.text}`;
  }

  private async countMatching(scope: TenantScope, filter: TokenFilter): Promise<number | null> {
    const where = this.matching(scope, filter);
    try {
      return await inTransaction(this.dataSource, async (runner) => {
        await runner.query(`SET LOCAL statement_timeout = ${COUNT_TIMEOUT_MS}`);
        const [row] = (await runner.query(
          `SELECT count(*) AS total FROM ${tokenSource(this.tables)} ${where.text}`,
          where.parameters,
        )) as { total: string }[];
        return Number(row?.total ?? 0);
      });
    } catch (error) {
      if (isStatementTimeout(error)) return null;
      throw error;
    }
  }

  private matching(scope: TenantScope, filter: TokenFilter): Where {
    const { q, expires_before, expires_after, unused_since, created_by, auth_method, health } =
      filter;
    const where = new Where().scope('t.tenant_id', scope).status(filter);
    if (q !== undefined) where.contains('t.name', q);
    if (expires_before) where.add('t.expires_at <', expires_before);
    if (expires_after) where.add('t.expires_at >', expires_after);
    if (unused_since) where.add('coalesce(u.last_used_at, t.created_at) <', unused_since);
    if (created_by !== undefined) where.add('t.created_by =', created_by);
    if (auth_method !== undefined) where.add('t.auth_method =', auth_method);
    if (health !== undefined) where.health(health, filter.now);
    return where;
  }
}

function isFiltered({ now: _, ...filters }: TokenFilter): boolean {
  return Object.values(filters).some((filter) => filter !== undefined);
}
