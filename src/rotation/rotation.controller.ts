import { Controller, Delete, Header, HttpCode, Param, Post } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { Context, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { RotateScimTokenDto } from '../scim-tokens/dto/rotate-scim-token.dto';
import type {
  ScimTokenCreatedResponse,
  ScimTokenResponse,
} from '../scim-tokens/dto/scim-token.response';
import { TokenHeaders, type AnswerHeaders } from '../scim-tokens/answer-headers.decorator';
import { OptionalJsonBody, validated } from '../http/validated-input';
import { CompleteRotationDto } from './complete-rotation.dto';
import { CancelRotationDocs, CompleteRotationDocs, RotateDocs } from './rotation.docs';
import { ScimTokensService } from '../scim-tokens/scim-tokens.service';
import { RotationService } from './rotation.service';

/** Rotation: a new secret beside the old one, until the change-over is done. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class RotationController {
  constructor(
    private readonly tokens: ScimTokensService,
    private readonly rotation: RotationService,
  ) {}

  @Post(':token_id/rotate')
  @RotateDocs()
  @Access('write')
  @TenantFrom('none')
  @Header('Cache-Control', 'no-store')
  async rotate(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @Param('token_id') id: string,
    @OptionalJsonBody(validated(RotateScimTokenDto)) input: Readonly<RotateScimTokenDto>,
  ): Promise<ScimTokenCreatedResponse> {
    return headers.tagged(await this.tokens.rotate(context, id, input));
  }

  @Post(':token_id/rotation/complete')
  @CompleteRotationDocs()
  @Access('write')
  @TenantFrom('none')
  @HttpCode(200)
  async complete(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @Param('token_id') id: string,
    @OptionalJsonBody(validated(CompleteRotationDto)) input: Readonly<CompleteRotationDto>,
  ): Promise<ScimTokenResponse> {
    return headers.tagged(await this.rotation.complete(context, id, input));
  }

  @Delete(':token_id/rotation')
  @CancelRotationDocs()
  @Access('write')
  @TenantFrom('none')
  async cancel(
    @Context() context: RequestContext,
    @TokenHeaders() headers: AnswerHeaders,
    @Param('token_id') id: string,
  ): Promise<ScimTokenResponse> {
    return headers.tagged(await this.rotation.cancel(context, id));
  }
}
