import { Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { Context, ReadTenantFrom, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import type { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import type { SetupLinkResponse } from '../setup/links/setup-link.response';
import { TokenHeaders, type AnswerHeaders } from '../scim-tokens/answer-headers.decorator';
import { JsonBody, validated } from '../http/validated-input';
import { IdentifyDto, RevokeByValueDto } from './leak.dto';
import { IdentifyDocs, RevokeByValueDocs } from './leaks.docs';
import { LeaksService } from './leaks.service';

/** What administrators do with a value that turned up somewhere. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class LeaksController {
  constructor(private readonly leaks: LeaksService) {}

  @Post('identify')
  @IdentifyDocs()
  @Access('read')
  @ReadTenantFrom('none')
  @HttpCode(200)
  async identify(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @JsonBody(validated(IdentifyDto)) { token }: Readonly<IdentifyDto>,
  ): Promise<ScimTokenResponse | SetupLinkResponse> {
    return headers.found(await this.leaks.identify(context, token));
  }

  @Post('revoke-by-value')
  @RevokeByValueDocs()
  @Access('write')
  @TenantFrom('none')
  @HttpCode(200)
  async revokeByValue(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @JsonBody(validated(RevokeByValueDto)) { token, reason }: Readonly<RevokeByValueDto>,
  ): Promise<ScimTokenResponse | SetupLinkResponse> {
    return headers.found(await this.leaks.revokeByValue(context, token, reason));
  }
}
