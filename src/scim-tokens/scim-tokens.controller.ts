import { Controller, Delete, Get, Header, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { Context, ReadTenantFrom, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, SCIM_TOKENS_TAG } from '../admin/admin-api.decorator';
import { CreateScimTokenDto } from './dto/create-scim-token.dto';
import {
  EndpointInfoQueryDto,
  type EndpointInfoResponse,
} from '../endpoint-info/endpoint-info.dto';
import { ListScimTokensQueryDto } from './dto/list-scim-tokens-query.dto';
import { RevokeScimTokenQueryDto } from './dto/revoke-scim-token-query.dto';
import type { ScimTokenPageResponse } from './dto/scim-token-page.response';
import type { ScimTokenCreatedResponse, ScimTokenResponse } from './dto/scim-token.response';
import { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import { EndpointInfoService } from '../endpoint-info/endpoint-info.service';
import { TokenHeaders, type AnswerHeaders } from './answer-headers.decorator';
import { IfMatch, type Precondition } from './precondition';
import {
  CreateDocs,
  EndpointInfoDocs,
  GetDocs,
  ListDocs,
  RevokeDocs,
  UpdateDocs,
} from './scim-tokens.docs';
import { ScimTokensService } from './scim-tokens.service';
import { JsonBody, QueryInput, validated } from '../http/validated-input';

/** The six operations on SCIM tokens that administrators have. */
@Controller(ADMIN_PATH)
@AdminApi(SCIM_TOKENS_TAG)
export class ScimTokensController {
  constructor(
    private readonly tokens: ScimTokensService,
    private readonly endpoints: EndpointInfoService,
  ) {}

  @Get()
  @ListDocs()
  @Access('read')
  @ReadTenantFrom('query')
  list(
    @Context() context: RequestContext,
    @QueryInput(validated(ListScimTokensQueryDto)) query: Readonly<ListScimTokensQueryDto>,
  ): Promise<ScimTokenPageResponse> {
    return this.tokens.list(context, query);
  }

  @Post()
  @CreateDocs()
  @Access('write')
  @TenantFrom('body')
  @Header('Cache-Control', 'no-store')
  async create(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @JsonBody(validated(CreateScimTokenDto)) input: Readonly<CreateScimTokenDto>,
  ): Promise<ScimTokenCreatedResponse> {
    return headers.created(await this.tokens.create(context, input));
  }

  @Get('endpoint-info')
  @EndpointInfoDocs()
  @Access('read')
  @ReadTenantFrom('query')
  endpointInfo(
    @Context() context: RequestContext,
    @QueryInput(validated(EndpointInfoQueryDto)) _query: Readonly<EndpointInfoQueryDto>,
  ): Promise<EndpointInfoResponse> {
    return this.endpoints.get(context);
  }

  @Get(':token_id')
  @GetDocs()
  @Access('read')
  @ReadTenantFrom('none')
  async get(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @Param('token_id') id: string,
  ): Promise<ScimTokenResponse> {
    return headers.tagged(await this.tokens.get(context, id));
  }

  @Patch(':token_id')
  @UpdateDocs()
  @Access('write')
  @TenantFrom('none')
  async update(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @Param('token_id') id: string,
    @IfMatch() precondition: Precondition,
    @JsonBody(validated(UpdateScimTokenDto)) input: Readonly<UpdateScimTokenDto>,
  ): Promise<ScimTokenResponse> {
    return headers.tagged(await this.tokens.update(context, id, input, precondition));
  }

  @Delete(':token_id')
  @RevokeDocs()
  @Access('write')
  @TenantFrom('none')
  @HttpCode(204)
  revoke(
    @Context() context: RequestContext,
    @Param('token_id') id: string,
    @IfMatch() precondition: Precondition,
    @QueryInput(validated(RevokeScimTokenQueryDto)) { reason }: Readonly<RevokeScimTokenQueryDto>,
  ): Promise<void> {
    return this.tokens.revoke(context, id, { reason: reason ?? null, precondition });
  }
}
