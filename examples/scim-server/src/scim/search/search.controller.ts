import { HttpCode, Post } from '@nestjs/common';
import { RequireScimScopes } from 'nest-scim-tokens';
import { ScimBody } from '../http/scim-body.decorator';
import { CurrentScimContext, ScimController } from '../http/scim-controller.decorator';
import type { ListResponse } from '../protocol/resource';
import type { ScimContext } from '../protocol/scim-context';
import { readSearchRequest } from '../protocol/search-request';
import { SearchService } from './search.service';

/** `/.search` over all kinds of resources, RFC 7644 §3.4.3. */
@ScimController()
export class SearchController {
  constructor(private readonly service: SearchService) {}

  @Post('.search')
  @HttpCode(200)
  @RequireScimScopes('users:read', 'groups:read')
  search(@CurrentScimContext() ctx: ScimContext, @ScimBody() body: unknown): Promise<ListResponse> {
    return this.service.search(ctx, readSearchRequest(body));
  }
}
