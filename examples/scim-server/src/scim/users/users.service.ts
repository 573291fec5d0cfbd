import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { isDeepStrictEqual } from 'node:util';
import { Database, sqlStateOf, type Statements } from '../../database/database';
import { GroupsRepository } from '../groups/groups.repository';
import { applyPatch } from '../patch/apply-patch';
import { readPatch } from '../patch/patch-request';
import { readListQuery, type ListQuery, type RawQuery } from '../protocol/list-query';
import { requireVersion, type Precondition } from '../protocol/precondition';
import { Projection } from '../protocol/projection';
import {
  answerOf,
  listResponse,
  present,
  type ListResponse,
  type ResourceAnswer,
  type ResourcePage,
  type ScimResource,
} from '../protocol/resource';
import { notFound, uniqueness } from '../protocol/scim.error';
import type { ScimContext } from '../protocol/scim-context';
import type { WriteRequest } from '../protocol/write-request';
import type { ScimDocument } from '../schema/document';
import { readDocument, requireComplete } from '../schema/read-document';
import { GROUP_TYPE, USER_TYPE } from '../schema/resource-types';
import { isResourceId } from '../resource-id';
import { UsersRepository, type UserRow } from './users.repository';

const UNIQUE_VIOLATION = '23505';

/** Creates, lists, gets, replaces, patches and deletes the users of one tenant. */
@Injectable()
export class UsersService {
  constructor(
    private readonly database: Database,
    private readonly users: UsersRepository,
    private readonly groups: GroupsRepository,
  ) {}

  /** @throws ScimError uniqueness where the tenant has the userName already, whatever its case */
  async create(ctx: ScimContext, body: unknown, query: RawQuery): Promise<ResourceAnswer> {
    const document = { active: true, ...readDocument(USER_TYPE, body) };
    const now = new Date();
    const row = { id: uuidv7(), document, version: 1, created_at: now, updated_at: now };
    await refuseTakenName(() => this.users.insert(ctx.tenantId, row));
    return answer(ctx, row, Projection.of(USER_TYPE, query));
  }

  /** One page of the users that match the filter. */
  async list(ctx: ScimContext, query: RawQuery): Promise<ListResponse> {
    const page = readListQuery(query);
    const { resources, total } = await this.page(ctx, page, query);
    return listResponse(resources, total, page.startIndex);
  }

  /** The same as {@link list}, before an answer is made of it. */
  async page(ctx: ScimContext, page: ListQuery, query: RawQuery): Promise<ResourcePage> {
    const projection = Projection.of(USER_TYPE, query);
    const { rows, total } = await this.users.list(ctx, page, projection.wants('groups'));
    return { resources: rows.map((row) => projection.apply(shownUser(ctx, row))), total };
  }

  /** @throws ScimError 404 */
  async get(ctx: ScimContext, id: string, query: RawQuery): Promise<ResourceAnswer> {
    const projection = Projection.of(USER_TYPE, query);
    const row = isResourceId(id)
      ? await this.users.find(ctx.tenantId, id, projection.wants('groups'))
      : null;
    if (row === null) throw notFound('User');
    return answer(ctx, row, projection);
  }

  /** What the body leaves out is unassigned, but for `active`: no omission lets a disabled user back in. */
  async replace(
    ctx: ScimContext,
    id: string,
    body: unknown,
    request: WriteRequest,
  ): Promise<ResourceAnswer> {
    return this.change(ctx, id, request, (current) => {
      const { active } = current;
      return { ...(active !== undefined && { active }), ...readDocument(USER_TYPE, body) };
    });
  }

  /** All operations or none. */
  async patch(
    ctx: ScimContext,
    id: string,
    body: unknown,
    request: WriteRequest,
  ): Promise<ResourceAnswer> {
    return this.change(ctx, id, request, (current) => {
      const patched = applyPatch(current, readPatch(USER_TYPE, body, id));
      requireComplete(USER_TYPE, patched);
      return patched;
    });
  }

  /** Removes the user and its memberships. */
  async delete(ctx: ScimContext, id: string, condition: Precondition): Promise<void> {
    await this.database.transaction(async (statements) => {
      await this.locked(statements, ctx, id, condition);
      await this.groups.lockHolding(statements, ctx.tenantId, id);
      // In this order: once the row is gone nobody can make it a member any more.
      await this.users.delete(statements, ctx.tenantId, id);
      await this.groups.removeEverywhere(statements, ctx.tenantId, id, new Date());
    });
  }

  private async change(
    ctx: ScimContext,
    id: string,
    { condition, query }: WriteRequest,
    next: (current: ScimDocument) => ScimDocument,
  ): Promise<ResourceAnswer> {
    const row = await refuseTakenName(() =>
      this.database.transaction(async (statements) => {
        const current = await this.locked(statements, ctx, id, condition);
        const document = next(current.document);
        if (isDeepStrictEqual(document, current.document)) return current;
        const version = current.version + 1;
        const changed = { ...current, document, version, updated_at: new Date() };
        if (nameOf(document) !== nameOf(current.document)) {
          await this.groups.changeHolding(statements, ctx.tenantId, id, changed.updated_at, () =>
            this.users.fence(statements, ctx.tenantId, id),
          );
        }
        await this.users.update(statements, ctx.tenantId, changed);
        return changed;
      }),
    );
    return answer(ctx, row, Projection.of(USER_TYPE, query));
  }

  private async locked(
    statements: Statements,
    ctx: ScimContext,
    id: string,
    condition: Precondition,
  ): Promise<UserRow> {
    const row = isResourceId(id) ? await this.users.lock(statements, ctx.tenantId, id) : null;
    if (row === null) throw notFound('User');
    requireVersion(condition, row);
    return row;
  }
}

async function refuseTakenName<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    throw uniqueness('The userName is taken');
  }
}

/** What groups show of a member. */
const nameOf = ({ displayName, userName }: ScimDocument): unknown => displayName ?? userName;

const answer = (ctx: ScimContext, row: UserRow, projection: Projection): ResourceAnswer =>
  answerOf(shownUser(ctx, row), projection);

function shownUser(ctx: ScimContext, row: UserRow): ScimResource {
  const groups = row.groups?.map(({ value, display }) => ({
    value,
    $ref: `${ctx.base}${GROUP_TYPE.endpoint}/${value}`,
    display,
    type: 'direct',
  }));
  return present(USER_TYPE, row, ctx.base, groups ? { groups } : {});
}
