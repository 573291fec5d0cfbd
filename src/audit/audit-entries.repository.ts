import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { AdminReads } from '../database/admin-reads';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { TenantScope } from '../core/request-context';
import { Where } from '../database/where';
import {
  AUDIT_ENTRY_COLUMNS,
  type AuditEntryRow,
  type AuditEntryType,
} from '../ledger/audit-chain';

/** Which entries to read; what is undefined lets all pass. */
export interface AuditEntryFilter {
  /** UUID of a token. */
  readonly tokenId?: string | undefined;
  readonly type?: AuditEntryType | undefined;
  readonly actor?: string | undefined;
  /** Inclusive. */
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
}

/** Reads the audit trail; it is written by tenant transactions alone. */
@Injectable()
export class AuditEntriesRepository {
  private readonly tables: QualifiedTables;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly reads: AdminReads,
  ) {
    this.tables = qualifiedTables(dataSource);
  }

  /** Entries within the scope, newest first, below a number where one is given. */
  newest(
    scope: TenantScope,
    filter: AuditEntryFilter,
    below: number | undefined,
    limit: number,
  ): Promise<AuditEntryRow[]> {
    const where = this.matching(scope, filter);
    if (below !== undefined) where.add('seq <', below);
    return this.read(where, 'DESC', limit);
  }

  /** Entries within the scope, oldest first, above a number. */
  oldest(
    scope: TenantScope,
    filter: AuditEntryFilter,
    above: number,
    limit: number,
  ): Promise<AuditEntryRow[]> {
    return this.read(this.matching(scope, filter).add('seq >', above), 'ASC', limit);
  }

  /** Whether the scope has, or once had, this token: its entries outlive it. */
  async knows(scope: TenantScope, tokenId: string): Promise<boolean> {
    const token = new Where().add('id =', tokenId).scope('tenant_id', scope);
    const event = new Where(token.parameters).add('token_id =', tokenId).scope('tenant_id', scope);
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM ${this.tables.tokens} ${token.text}
       UNION ALL (SELECT 1 FROM ${this.tables.events} ${event.text} LIMIT 1)`,
      token.parameters,
    );
    return rows.length > 0;
  }

  private matching(scope: TenantScope, filter: AuditEntryFilter): Where {
    const { tokenId, type, actor, since, until } = filter;
    const where = new Where().scope('tenant_id', scope);
    if (tokenId !== undefined) where.add('token_id =', tokenId);
    if (type !== undefined) where.add('type =', type);
    if (actor !== undefined) where.add('actor =', actor);
    if (since) where.add('at >=', since);
    if (until) where.add('at <', until);
    return where;
  }

  private read(where: Where, order: 'ASC' | 'DESC', limit: number): Promise<AuditEntryRow[]> {
    return this.reads.query<AuditEntryRow>(
      `SELECT ${AUDIT_ENTRY_COLUMNS.join(', ')} FROM ${this.tables.events} ${where.text}
       ORDER BY seq ${order} LIMIT ${where.use(limit)}`,
      where.parameters,
    );
  }
}
