import { Injectable } from '@nestjs/common';
import type { Statements } from '../../database/database';
import { invalidValue, tooMany } from '../protocol/scim.error';
import type { ScimContext } from '../protocol/scim-context';
import { isResourceId } from '../resource-id';
import type { ScimDocument } from '../schema/document';
import { GROUP_TYPE, USER_TYPE } from '../schema/resource-types';
import type { MemberChange } from './member-change';
import { MembersRepository, type GroupKey } from './members.repository';

/** Members in one answer; beyond it a client has to exclude them or ask for fewer groups. */
export const MAX_MEMBERS_ANSWERED = 200_000;

/** Who is in which group. */
@Injectable()
export class MembershipService {
  constructor(private readonly members: MembersRepository) {}

  /**
   * Applies one change in the caller's transaction; answers whether any row changed.
   *
   * @throws ScimError invalidValue for a member that the tenant does not have
   */
  async apply(statements: Statements, group: GroupKey, change: MemberChange): Promise<boolean> {
    switch (change.kind) {
      case 'add':
        return (await this.add(statements, group, change.ids)) > 0;
      case 'remove':
        // An id that cannot be one of ours is nobody's, and not in the group.
        return (await this.members.remove(statements, group, change.ids.filter(isResourceId))) > 0;
      case 'removeMatching':
        return (await this.members.removeMatching(statements, group, change.filter)) > 0;
      case 'replace': {
        const added = await this.add(statements, group, change.ids);
        const removed = await this.members.keepOnly(statements, group, change.ids);
        return added + removed > 0;
      }
    }
  }

  /**
   * The `members` of each of these groups, as they are answered.
   *
   * @throws ScimError tooMany
   */
  async describe(
    { tenantId, base }: ScimContext,
    groupIds: readonly string[],
  ): Promise<ReadonlyMap<string, ScimDocument[]>> {
    const rows = await this.members.list(tenantId, groupIds, MAX_MEMBERS_ANSWERED + 1);
    if (rows.length > MAX_MEMBERS_ANSWERED) {
      throw tooMany('Too many members to answer: send excludedAttributes=members or a lower count');
    }
    const described = new Map<string, ScimDocument[]>();
    for (const { group_id, member_id, member_type, display } of rows) {
      const { endpoint } = member_type === 'User' ? USER_TYPE : GROUP_TYPE;
      const member = {
        value: member_id,
        $ref: `${base}${endpoint}/${member_id}`,
        type: member_type,
        ...(display !== null && { display }),
      };
      const members = described.get(group_id);
      if (members === undefined) described.set(group_id, [member]);
      else members.push(member);
    }
    return described;
  }

  private async add(
    statements: Statements,
    group: GroupKey,
    ids: readonly string[],
  ): Promise<number> {
    const known =
      ids.length > 0 && ids.every(isResourceId)
        ? await this.members.hold(statements, group.tenantId, ids)
        : [];
    if (known.length !== ids.length) throw invalidValue('A member does not exist');
    if (ids.includes(group.id)) throw invalidValue('A group cannot be a member of itself');
    return this.members.add(statements, group, known);
  }
}
