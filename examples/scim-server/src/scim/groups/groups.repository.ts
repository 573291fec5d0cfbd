import { Injectable } from '@nestjs/common';
import { Database, type Statements } from '../../database/database';
import { SqlParameters } from '../../database/sql-parameters';
import { matching, sourceFor } from '../filter/list-filter';
import type { ListQuery } from '../protocol/list-query';
import type { ResourceRow } from '../protocol/resource';
import type { ScimContext } from '../protocol/scim-context';
import { countChange, readCount } from '../resource-counts';
import { readPage } from '../resource-page';
import type { ScimDocument } from '../schema/document';
import { foldedSql } from '../schema/fold';
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
  async list(
    { tenantId, base }: ScimContext,
    query: ListQuery,
  ): Promise<{ rows: ResourceRow[]; total: number }> {
    const { filter } = query;
    const parameters = new SqlParameters(tenantId);
    const source = sourceFor(GROUP_FILTER_SOURCE, query, base);
    return readPage(this.database, query, {
      columns: COLUMNS,
      from: 'scim_groups r',
      where: `r.tenant_id = $1${matching(filter, source, parameters)}`,
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
         VALUES ($1, $2, ${foldedSql('$3')}, $4, $5, $6, $7, $8) RETURNING id)
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
      `UPDATE scim_groups SET display_name_key = ${foldedSql('$3')}, external_id = $4, document = $5,
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

  /** Keeps others from making a locked group a member, too; waits for those who are at it. */
  async fence(statements: Statements, tenantId: string, id: string): Promise<void> {
    await statements.rows('SELECT 1 FROM scim_groups WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      id,
    ]);
  }

  /** Locks the groups that a user or group is in, all in the same order; answers their ids. */
  async lockHolding(
    statements: Statements,
    tenantId: string,
    memberId: string,
    but: readonly string[] = [],
  ): Promise<string[]> {
    const rows = await statements.rows<{ id: string }>(
      `SELECT id FROM scim_groups WHERE tenant_id = $1 AND NOT id = ANY($3::uuid[]) AND id IN (
         SELECT group_id FROM scim_group_members WHERE tenant_id = $1 AND member_id = $2)
       ORDER BY id FOR NO KEY UPDATE`,
      [tenantId, memberId, but],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Every group that a locked user or group is in has changed, as its name shows there. The groups are
   * locked while others may still read the member, so that nobody waits in a circle; who makes it a member
   * meanwhile has done so once it is fenced, and is found then.
   */
  async changeHolding(
    statements: Statements,
    tenantId: string,
    memberId: string,
    now: Date,
    fence: () => Promise<void>,
  ): Promise<void> {
    const early = await this.lockHolding(statements, tenantId, memberId);
    await fence();
    const late = await this.lockHolding(statements, tenantId, memberId, early);
    const ids = [...early, ...late];
    if (ids.length === 0) return;
    await statements.affected(
      `UPDATE scim_groups SET version = version + 1, updated_at = $3
       WHERE tenant_id = $1 AND id = ANY($2::uuid[])`,
      [tenantId, ids, now],
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
