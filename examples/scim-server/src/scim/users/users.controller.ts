import {
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { RequireScimScopes } from 'nest-scim-tokens';
import { ResourceHeadersInterceptor } from '../http/resource-headers.interceptor';
import { ScimBody } from '../http/scim-body.decorator';
import { CurrentScimContext, ScimController } from '../http/scim-controller.decorator';
import { WriteParameters } from '../http/write-request.decorator';
import type { RawQuery } from '../protocol/list-query';
import type { ListResponse, ResourceAnswer } from '../protocol/resource';
import { readSearchRequest } from '../protocol/search-request';
import type { ScimContext } from '../protocol/scim-context';
import type { WriteRequest } from '../protocol/write-request';
import { UsersService } from './users.service';

/** `/Users`, RFC 7644 §3. */
@ScimController('Users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @RequireScimScopes('users:read')
  list(@CurrentScimContext() ctx: ScimContext, @Query() query: RawQuery): Promise<ListResponse> {
    return this.users.list(ctx, query);
  }

  /** RFC 7644 §3.4.3: a list whose parameters are too long for a URL, or nothing for its log. */
  @Post('.search')
  @HttpCode(200)
  @RequireScimScopes('users:read')
  search(@CurrentScimContext() ctx: ScimContext, @ScimBody() body: unknown): Promise<ListResponse> {
    return this.users.list(ctx, readSearchRequest(body));
  }

  @Post()
  @UseInterceptors(ResourceHeadersInterceptor)
  @RequireScimScopes('users:write')
  create(
    @CurrentScimContext() ctx: ScimContext,
    @ScimBody() body: unknown,
    @Query() query: RawQuery,
  ): Promise<ResourceAnswer> {
    return this.users.create(ctx, body, query);
  }

  @Get(':id')
  @UseInterceptors(ResourceHeadersInterceptor)
  @RequireScimScopes('users:read')
  get(
    @CurrentScimContext() ctx: ScimContext,
    @Param('id') id: string,
    @Query() query: RawQuery,
  ): Promise<ResourceAnswer> {
    return this.users.get(ctx, id, query);
  }

  @Put(':id')
  @UseInterceptors(ResourceHeadersInterceptor)
  @RequireScimScopes('users:write')
  replace(
    @CurrentScimContext() ctx: ScimContext,
    @Param('id') id: string,
    @ScimBody() body: unknown,
    @WriteParameters() request: WriteRequest,
  ): Promise<ResourceAnswer> {
    return this.users.replace(ctx, id, body, request);
  }

  @Patch(':id')
  @UseInterceptors(ResourceHeadersInterceptor)
  @RequireScimScopes('users:write')
  patch(
    @CurrentScimContext() ctx: ScimContext,
    @Param('id') id: string,
    @ScimBody() body: unknown,
    @WriteParameters() request: WriteRequest,
  ): Promise<ResourceAnswer> {
    return this.users.patch(ctx, id, body, request);
  }

  @Delete(':id')
  @UseInterceptors(ResourceHeadersInterceptor)
  @RequireScimScopes('users:write')
  delete(
    @CurrentScimContext() ctx: ScimContext,
    @Param('id') id: string,
    @WriteParameters() { condition }: WriteRequest,
  ): Promise<void> {
    return this.users.delete(ctx, id, condition);
  }
}
