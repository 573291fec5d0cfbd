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
import { SHOWN_GROUPS, USER_FILTER_SOURCE } from './user-filter-source';

/** A membership of a user, as the user's `groups` shows it. */
export interface UserGroup {
  readonly value: string;
  readonly display: string;
}

/** A user, with the groups where they were asked for. */
export interface UserRow extends ResourceRow {
  readonly groups?: readonly UserGroup[] | null;
}

const COLUMNS = `r.id, r.document, r.version, ${SHOWN_GROUPS} AS shown, r.created_at, r.updated_at`;
const GROUPS = `(
  SELECT jsonb_agg(jsonb_build_object('value', g.id, 'display', g.document->'displayName') ORDER BY g.id)
  FROM scim_group_members m JOIN scim_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
  WHERE m.tenant_id = r.tenant_id AND m.member_id = r.id) AS groups`;

/** All SQL on users. Every statement is confined to one tenant. */
@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** One user. */
  async find(tenantId: string, id: string, withGroups: boolean): Promise<UserRow | null> {
    const [row] = await this.database.rows<UserRow>(
      `SELECT ${columns(withGroups)} FROM scim_users r WHERE r.tenant_id = $1 AND r.id = $2`,
      [tenantId, id],
    );
    return row ?? null;
  }

  /** One page of the users that match. */
  async list(
    { tenantId, base }: ScimContext,
    query: ListQuery,
    withGroups: boolean,
  ): Promise<{ rows: UserRow[]; total: number }> {
    const parameters = new SqlParameters(tenantId);
    const source = sourceFor(USER_FILTER_SOURCE, query, base);
    return readPage(this.database, query, {
      columns: columns(withGroups),
      from: 'scim_users r',
      where: `r.tenant_id = $1${matching(query.filter, source, parameters)}`,
      parameters,
      read: (sql, values) => this.database.rows<UserRow>(sql, values),
      total: query.filter === null ? () => readCount(this.database, tenantId, 'User') : null,
    });
  }

  /** Stores a new user and counts it, in one statement. */
  async insert(tenantId: string, row: ResourceRow): Promise<void> {
    await this.database.affected(
      `WITH created AS (
         INSERT INTO scim_users (tenant_id, id, user_name_key, external_id, email_keys, document,
                                 version, created_at, updated_at)
         VALUES ($1, $2, ${foldedSql('$3')}, $4, ${foldedAll('$5')}, $6, $7, $8, $9) RETURNING id)
       ${countChange('User', 'created', 1)}`,
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

  /** Reads a user and keeps others from changing it until the transaction ends. */
  async lock(statements: Statements, tenantId: string, id: string): Promise<UserRow | null> {
    const [row] = await statements.rows<UserRow>(
      `SELECT ${columns(true)} FROM scim_users r WHERE r.tenant_id = $1 AND r.id = $2
       FOR NO KEY UPDATE OF r`,
      [tenantId, id],
    );
    return row ?? null;
  }

  /** Keeps others from making a locked user a member, too; waits for those who are at it. */
  async fence(statements: Statements, tenantId: string, id: string): Promise<void> {
    await statements.rows('SELECT 1 FROM scim_users WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      id,
    ]);
  }

  /** Stores a locked user's new state. */
  async update(statements: Statements, tenantId: string, row: ResourceRow): Promise<void> {
    await statements.affected(
      `UPDATE scim_users
       SET user_name_key = ${foldedSql('$3')}, external_id = $4, email_keys = ${foldedAll('$5')},
           document = $6, version = $7, updated_at = $8
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, row.id, ...keysOf(row.document), row.document, row.version, row.updated_at],
    );
  }

  /** Removes a user. */
  async delete(statements: Statements, tenantId: string, id: string): Promise<void> {
    await statements.affected(
      `WITH deleted AS (DELETE FROM scim_users WHERE tenant_id = $1 AND id = $2 RETURNING id)
       ${countChange('User', 'deleted', -1)}`,
      [tenantId, id],
    );
  }
}

const columns = (withGroups: boolean): string => (withGroups ? `${COLUMNS}, ${GROUPS}` : COLUMNS);

const foldedAll = (list: string): string =>
  `ARRAY(SELECT ${foldedSql('key')} FROM unnest(${list}::text[]) AS keys(key))`;

/** What the indexes hold of a document. */
function keysOf(
  document: ScimDocument,
): [userName: string, externalId: string | null, emails: string[]] {
  const emails = (document.emails ?? []) as readonly { value?: string }[];
  return [
    document.userName as string,
    (document.externalId as string | undefined) ?? null,
    emails.flatMap(({ value }) => (value === undefined ? [] : [value])),
  ];
}
