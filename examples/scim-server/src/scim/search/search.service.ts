import { Injectable } from '@nestjs/common';
import { GroupsService } from '../groups/groups.service';
import { readListQuery, type RawQuery } from '../protocol/list-query';
import { listResponse, type ListResponse } from '../protocol/resource';
import type { ScimContext } from '../protocol/scim-context';
import { UsersService } from '../users/users.service';

/** Searches users and groups as one list: the users first. */
@Injectable()
export class SearchService {
  constructor(
    private readonly users: UsersService,
    private readonly groups: GroupsService,
  ) {}

  /** One page of what matches; what only one kind of resource has, the other has no value of. */
  async search(ctx: ScimContext, query: RawQuery): Promise<ListResponse> {
    const page = { ...readListQuery(query), acrossTypes: true };
    const { startIndex, count } = page;
    const users = await this.users.page(ctx, page, query);
    const groups = await this.groups.page(
      ctx,
      {
        ...page,
        startIndex: Math.max(startIndex - users.total, 1),
        count: count - users.resources.length,
      },
      query,
    );
    return listResponse(
      [...users.resources, ...groups.resources],
      users.total + groups.total,
      startIndex,
    );
  }
}
