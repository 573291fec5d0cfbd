import { Injectable } from '@nestjs/common';
import { Database, type Statements } from '../../database/database';
import { SqlParameters } from '../../database/sql-parameters';
import { filterToSql } from '../filter/filter-to-sql';
import type { ListQuery } from '../protocol/list-query';
import type { ResourceRow } from '../protocol/resource';
import { countChange, readCount } from '../resource-counts';
import { readPage } from '../resource-page';
import type { ScimDocument } from '../schema/document';
import { GROUP_FILTER_SOURCE } from './group-filter-source';

const COLUMNS = 'r.id, r.document, r.version, r.created_at, r.updated_at';

/** All SQL on groups. Every statement is confined to one tenant. */
@Injectable()
export class GroupsRepository {
  constructor(private readonly database: Database) {}

  /** One group. */
  async find(tenantId: string, id: string): Promise<ResourceRow | null> {
    const [row] = await this.database.rows<ResourceRow>(
      `SELECT ${COLUMNS} FROM scim_groups r WHERE r.tenant_id = $1 AND r.id = $2`,
      [tenantId, id],
    );
    return row ?? null;
  }

  /** One page of the groups that match. */
  async list(tenantId: string, query: ListQuery): Promise<{ rows: ResourceRow[]; total: number }> {
    const { filter } = query;
    const parameters = new SqlParameters(tenantId);
    const matching =
      filter === null ? '' : ` AND ${filterToSql(filter, GROUP_FILTER_SOURCE, parameters)}`;
    return readPage(this.database, query, {
      columns: COLUMNS,
      from: 'scim_groups r',
      where: `r.tenant_id = $1${matching}`,
      parameters,
      read: (sql, values) => this.database.rows<ResourceRow>(sql, values),
      total: filter === null ? () => readCount(this.database, tenantId, 'Group') : null,
    });
  }

  /** Stores a new group and counts it. */
  async insert(statements: Statements, tenantId: string, row: ResourceRow): Promise<void> {
    await statements.affected(
      `WITH created AS (
         INSERT INTO scim_groups (tenant_id, id, display_name_key, external_id, document,
                                  version, created_at, updated_at)
         VALUES ($1, $2, lower($3), $4, $5, $6, $7, $8) RETURNING id)
       ${countChange('Group', 'created', 1)}`,
      [
        tenantId,
        row.id,
        ...keysOf(row.document),
        row.document,
        row.version,
        row.created_at,
        row.updated_at,
      ],
    );
  }

  /** Reads a group and keeps others from changing it until the transaction ends. */
  async lock(statements: Statements, tenantId: string, id: string): Promise<ResourceRow | null> {
    const [row] = await statements.rows<ResourceRow>(
      `SELECT ${COLUMNS} FROM scim_groups r WHERE r.tenant_id = $1 AND r.id = $2 FOR NO KEY UPDATE`,
      [tenantId, id],
    );
    return row ?? null;
  }

  /** Stores a locked group's new state. */
  async update(statements: Statements, tenantId: string, row: ResourceRow): Promise<void> {
    await statements.affected(
      `UPDATE scim_groups SET display_name_key = lower($3), external_id = $4, document = $5,
              version = $6, updated_at = $7
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, row.id, ...keysOf(row.document), row.document, row.version, row.updated_at],
    );
  }

  /** Removes a group, and its memberships with it. */
  async delete(statements: Statements, tenantId: string, id: string): Promise<void> {
    await statements.affected(
      `WITH deleted AS (DELETE FROM scim_groups WHERE tenant_id = $1 AND id = $2 RETURNING id)
       ${countChange('Group', 'deleted', -1)}`,
      [tenantId, id],
    );
  }

  /** Takes a user or group that is gone out of every group; each has changed by that. */
  async removeEverywhere(
    statements: Statements,
    tenantId: string,
    memberId: string,
    now: Date,
  ): Promise<void> {
    await statements.affected(
      `WITH left_groups AS (
         DELETE FROM scim_group_members WHERE tenant_id = $1 AND member_id = $2 RETURNING group_id)
       UPDATE scim_groups SET version = version + 1, updated_at = $3
       WHERE tenant_id = $1 AND id IN (SELECT group_id FROM left_groups)`,
      [tenantId, memberId, now],
    );
  }
}

/** What the indexes hold of a document. */
function keysOf(document: ScimDocument): [displayName: string, externalId: string | null] {
  return [document.displayName as string, (document.externalId as string | undefined) ?? null];
}
