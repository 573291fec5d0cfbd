import { Injectable } from '@nestjs/common';
import { Database, type Statements } from '../../database/database';
import { SqlParameters } from '../../database/sql-parameters';
import type { Filter } from '../filter/filter.ast';
import { valuesToSql } from '../filter/filter-to-sql';
import { GROUP_SCHEMA } from '../schema/group.schema';
import { MEMBER_ROWS } from './group-filter-source';

/** A member of a group, with the name to show for it. */
export interface MemberRow {
  readonly group_id: string;
  readonly member_id: string;
  readonly member_type: 'User' | 'Group';
  readonly display: string | null;
}

/** Which group's members. */
export interface GroupKey {
  readonly tenantId: string;
  readonly id: string;
}

const [MEMBERS] = GROUP_SCHEMA.attributes.filter(({ name }) => name === 'members');

/**
 * All SQL on memberships: a row each, so that a change costs what it changes, whatever the group's
 * size. Every statement is confined to one tenant.
 */
@Injectable()
export class MembersRepository {
  constructor(private readonly database: Database) {}

  /** The members of these groups, at most `limit`. */
  async list(tenantId: string, groupIds: readonly string[], limit: number): Promise<MemberRow[]> {
    if (groupIds.length === 0) return [];
    return this.database.rows<MemberRow>(
      `SELECT m.group_id, m.member_id, m.member_type,
              coalesce(u.document->>'displayName', u.document->>'userName', g.document->>'displayName') AS display
       FROM scim_group_members m
       LEFT JOIN scim_users u ON u.tenant_id = m.tenant_id AND u.id = m.member_id
       LEFT JOIN scim_groups g ON g.tenant_id = m.tenant_id AND g.id = m.member_id
       WHERE m.tenant_id = $1 AND m.group_id = ANY($2::uuid[])
       ORDER BY m.group_id, m.member_id LIMIT $3`,
      [tenantId, groupIds, limit],
    );
  }

  /** Which of these users and groups the tenant has; they cannot be deleted before the transaction ends. */
  async hold(
    statements: Statements,
    tenantId: string,
    ids: readonly string[],
  ): Promise<{ id: string; type: 'User' | 'Group' }[]> {
    const users = await statements.rows<{ id: string; type: 'User' }>(
      `SELECT id, 'User' AS type FROM scim_users
       WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR KEY SHARE`,
      [tenantId, ids],
    );
    if (users.length === ids.length) return users;
    const groups = await statements.rows<{ id: string; type: 'Group' }>(
      `SELECT id, 'Group' AS type FROM scim_groups
       WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR KEY SHARE`,
      [tenantId, ids],
    );
    return [...users, ...groups];
  }

  /** Adds members; those that are in already stay. Answers how many are new. */
  async add(
    statements: Statements,
    group: GroupKey,
    members: readonly { id: string; type: string }[],
  ): Promise<number> {
    if (members.length === 0) return 0;
    return statements.affected(
      `INSERT INTO scim_group_members (tenant_id, group_id, member_id, member_type)
       SELECT $1, $2, id, type FROM unnest($3::uuid[], $4::text[]) AS given(id, type)
       ON CONFLICT DO NOTHING`,
      [group.tenantId, group.id, members.map(({ id }) => id), members.map(({ type }) => type)],
    );
  }

  /** Removes these members. */
  async remove(statements: Statements, group: GroupKey, ids: readonly string[]): Promise<number> {
    return statements.affected(
      `DELETE FROM scim_group_members
       WHERE tenant_id = $1 AND group_id = $2 AND member_id = ANY($3::uuid[])`,
      [group.tenantId, group.id, ids],
    );
  }

  /** Removes all members but these. */
  async keepOnly(statements: Statements, group: GroupKey, ids: readonly string[]): Promise<number> {
    return statements.affected(
      `DELETE FROM scim_group_members
       WHERE tenant_id = $1 AND group_id = $2 AND NOT member_id = ANY($3::uuid[])`,
      [group.tenantId, group.id, ids],
    );
  }

  /** Removes the members that match a filter on their values. */
  async removeMatching(statements: Statements, group: GroupKey, filter: Filter): Promise<number> {
    if (MEMBERS === undefined) return 0;
    const parameters = new SqlParameters(group.tenantId, group.id);
    const matching = valuesToSql(filter, MEMBERS, MEMBER_ROWS, parameters);
    return statements.affected(
      `DELETE FROM scim_group_members m WHERE m.tenant_id = $1 AND m.group_id = $2 AND ${matching}`,
      parameters.values,
    );
  }
}
