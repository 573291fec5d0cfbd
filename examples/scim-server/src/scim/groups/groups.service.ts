import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database, type Statements } from '../../database/database';
import { applyPatch } from '../patch/apply-patch';
import { readPatch, type PatchStep } from '../patch/patch-request';
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
  type ResourceRow,
  type ScimResource,
} from '../protocol/resource';
import { notFound } from '../protocol/scim.error';
import type { ScimContext } from '../protocol/scim-context';
import type { WriteRequest } from '../protocol/write-request';
import { isResourceId } from '../resource-id';
import { isObject, memberOf, type ScimDocument } from '../schema/document';
import { readDocument, requireComplete } from '../schema/read-document';
import { GROUP_TYPE } from '../schema/resource-types';
import { GroupsRepository } from './groups.repository';
import { isMemberStep, memberChangeOf, readMemberIds, type MemberChange } from './member-change';
import { MembershipService } from './membership.service';

/** A group's new state: what is in its document, and what happens to its members. */
interface GroupChange {
  readonly document: ScimDocument;
  readonly members: readonly MemberChange[];
}

/** Creates, lists, gets, replaces, patches and deletes the groups of one tenant. */
@Injectable()
export class GroupsService {
  constructor(
    private readonly database: Database,
    private readonly groups: GroupsRepository,
    private readonly membership: MembershipService,
  ) {}

  /** @throws ScimError invalidValue where a member does not exist */
  async create(ctx: ScimContext, body: unknown, query: RawQuery): Promise<ResourceAnswer> {
    const { document, members } = wholeGroup(body);
    const now = new Date();
    const row = { id: uuidv7(), document, version: 1, created_at: now, updated_at: now };
    await this.database.transaction(async (statements) => {
      await this.groups.insert(statements, ctx.tenantId, row);
      await this.applyMembers(statements, ctx, row.id, members);
    });
    return this.answer(ctx, row, Projection.of(GROUP_TYPE, query));
  }

  /** One page of the groups that match the filter. */
  async list(ctx: ScimContext, query: RawQuery): Promise<ListResponse> {
    const page = readListQuery(query);
    const { resources, total } = await this.page(ctx, page, query);
    return listResponse(resources, total, page.startIndex);
  }

  /** The same as {@link list}, before an answer is made of it. */
  async page(ctx: ScimContext, page: ListQuery, query: RawQuery): Promise<ResourcePage> {
    const projection = Projection.of(GROUP_TYPE, query);
    const { rows, total } = await this.groups.list(ctx, page);
    const shown = await this.shownGroups(ctx, rows, projection);
    return { resources: shown.map((group) => projection.apply(group)), total };
  }

  /** @throws ScimError 404 */
  async get(ctx: ScimContext, id: string, query: RawQuery): Promise<ResourceAnswer> {
    const row = isResourceId(id) ? await this.groups.find(ctx.tenantId, id) : null;
    if (row === null) throw notFound('Group');
    return this.answer(ctx, row, Projection.of(GROUP_TYPE, query));
  }

  /** What the body leaves out is unassigned, members too. */
  async replace(
    ctx: ScimContext,
    id: string,
    body: unknown,
    { condition, query }: WriteRequest,
  ): Promise<ResourceAnswer> {
    const row = await this.change(ctx, id, condition, () => wholeGroup(body));
    return this.answer(ctx, row, Projection.of(GROUP_TYPE, query));
  }

  /** All operations or none. The group is answered only to who asks for attributes: it may be large. */
  async patch(
    ctx: ScimContext,
    id: string,
    body: unknown,
    { condition, query }: WriteRequest,
  ): Promise<ResourceAnswer> {
    const row = await this.change(ctx, id, condition, (current) =>
      patchedGroup(current, readPatch(GROUP_TYPE, body, id)),
    );
    const projection = Projection.of(GROUP_TYPE, query);
    if (projection.isNamed) return this.answer(ctx, row, projection);
    return answerOf(present(GROUP_TYPE, row, ctx.base, {}), null);
  }

  /** Removes the group; its members live on. */
  async delete(ctx: ScimContext, id: string, condition: Precondition): Promise<void> {
    await this.database.transaction(async (statements) => {
      await this.locked(statements, ctx, id, condition);
      await this.groups.lockHolding(statements, ctx.tenantId, id);
      await this.groups.delete(statements, ctx.tenantId, id);
      await this.groups.removeEverywhere(statements, ctx.tenantId, id, new Date());
    });
  }

  private async change(
    ctx: ScimContext,
    id: string,
    condition: Precondition,
    next: (current: ScimDocument) => GroupChange,
  ): Promise<ResourceRow> {
    return this.database.transaction(async (statements) => {
      const current = await this.locked(statements, ctx, id, condition);
      const { document, members } = next(current.document);
      const now = new Date();
      if (document.displayName !== current.document.displayName) {
        await this.groups.changeHolding(statements, ctx.tenantId, id, now, () =>
          this.groups.fence(statements, ctx.tenantId, id),
        );
      }
      const moved = await this.applyMembers(statements, ctx, id, members);
      if (!moved && isDeepStrictEqual(document, current.document)) return current;
      const version = current.version + 1;
      const changed = { ...current, document, version, updated_at: now };
      await this.groups.update(statements, ctx.tenantId, changed);
      return changed;
    });
  }

  private async applyMembers(
    statements: Statements,
    { tenantId }: ScimContext,
    id: string,
    changes: readonly MemberChange[],
  ): Promise<boolean> {
    let moved = false;
    for (const change of changes) {
      moved = (await this.membership.apply(statements, { tenantId, id }, change)) || moved;
    }
    return moved;
  }

  private async locked(
    statements: Statements,
    ctx: ScimContext,
    id: string,
    condition: Precondition,
  ): Promise<ResourceRow> {
    const row = isResourceId(id) ? await this.groups.lock(statements, ctx.tenantId, id) : null;
    if (row === null) throw notFound('Group');
    requireVersion(condition, row);
    return row;
  }

  private async answer(
    ctx: ScimContext,
    row: ResourceRow,
    projection: Projection,
  ): Promise<ResourceAnswer> {
    const [group] = await this.shownGroups(ctx, [row], projection);
    return answerOf(group ?? present(GROUP_TYPE, row, ctx.base, {}), projection);
  }

  private async shownGroups(
    ctx: ScimContext,
    rows: readonly ResourceRow[],
    projection: Projection,
  ): Promise<ScimResource[]> {
    const ids = projection.wants('members') ? rows.map(({ id }) => id) : [];
    const described = await this.membership.describe(ctx, ids);
    return rows.map((row) => {
      const members = described.get(row.id);
      return present(GROUP_TYPE, row, ctx.base, members ? { members } : {});
    });
  }
}

function wholeGroup(body: unknown): GroupChange {
  const document = readDocument(GROUP_TYPE, body);
  const given = isObject(body) ? memberOf(body, 'members') : undefined;
  return { document, members: [{ kind: 'replace', ids: readMemberIds(given ?? []) }] };
}

function patchedGroup(current: ScimDocument, steps: readonly PatchStep[]): GroupChange {
  const document = applyPatch(
    current,
    steps.filter((step) => !isMemberStep(step)),
  );
  requireComplete(GROUP_TYPE, document);
  return { document, members: steps.filter(isMemberStep).map(memberChangeOf) };
}
