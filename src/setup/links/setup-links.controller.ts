import { Controller, Delete, Get, Header, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ADMIN_PATH, AdminApi, SETUP_LINKS_TAG } from '../../admin/admin-api.decorator';
import { Access } from '../../admin/admin.guards';
import { Context, ReadTenantFrom, TenantFrom } from '../../admin/tenant-scope';
import type { RequestContext } from '../../core/request-context';
import { EnabledGuard } from '../../http/enabled.guard';
import { JsonBody, QueryInput, validated } from '../../http/validated-input';
import { TokenHeaders, type AnswerHeaders } from '../../scim-tokens/answer-headers.decorator';
import { CreateSetupLinkDto } from './create-setup-link.dto';
import { ListSetupLinksQueryDto } from './list-setup-links-query.dto';
import type {
  SetupLinkCreatedResponse,
  SetupLinkPageResponse,
  SetupLinkResponse,
} from './setup-link.response';
import { CreateDocs, GetDocs, ListDocs, RevokeDocs } from './setup-links.docs';
import { SetupLinksService } from './setup-links.service';

/** The links to the setup page that administrators hand out. */
@Controller(`${ADMIN_PATH}/setup-links`)
@AdminApi(SETUP_LINKS_TAG)
// Below the others, whose guards then come after it.
@UseGuards(EnabledGuard('setup'))
export class SetupLinksController {
  constructor(private readonly links: SetupLinksService) {}

  @Get()
  @ListDocs()
  @Access('read')
  @ReadTenantFrom('query')
  list(
    @Context() context: RequestContext,
    @QueryInput(validated(ListSetupLinksQueryDto)) query: Readonly<ListSetupLinksQueryDto>,
  ): Promise<SetupLinkPageResponse> {
    return this.links.list(context, query);
  }

  @Post()
  @CreateDocs()
  @Access('write')
  @TenantFrom('body')
  @Header('Cache-Control', 'no-store')
  async create(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @JsonBody(validated(CreateSetupLinkDto)) input: Readonly<CreateSetupLinkDto>,
  ): Promise<SetupLinkCreatedResponse> {
    return headers.located(await this.links.create(context, input));
  }

  @Get(':link_id')
  @GetDocs()
  @Access('read')
  @ReadTenantFrom('none')
  get(
    @Context() context: RequestContext,
    @Param('link_id') id: string,
  ): Promise<SetupLinkResponse> {
    return this.links.get(context, id);
  }

  @Delete(':link_id')
  @RevokeDocs()
  @Access('write')
  @TenantFrom('none')
  @HttpCode(204)
  revoke(@Context() context: RequestContext, @Param('link_id') id: string): Promise<void> {
    return this.links.revoke(context, id);
  }
}
