import { Controller, Delete, Header, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import { Access } from '../../auth/access.decorator';
import { Context } from '../../tenancy/context.decorator';
import type { RequestContext } from '../../tenancy/request-context';
import { TenantFrom } from '../../tenancy/tenant-from.decorator';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin-api.decorator';
import { RotateScimTokenDto } from '../dto/rotate-scim-token.dto';
import type { ScimTokenCreatedResponse, ScimTokenResponse } from '../dto/scim-token.response';
import { EntityTagInterceptor } from '../entity-tag.interceptor';
import { OptionalJsonBody, validated } from '../validated-input';
import { CancelRotationDocs, CompleteRotationDocs, RotateDocs } from './rotation.docs';
import { RotationService } from './rotation.service';

/** Rotation: a new secret beside the old one, until the change-over is done. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class RotationController {
  constructor(private readonly rotation: RotationService) {}

  @Post(':token_id/rotate')
  @RotateDocs()
  @Access('write')
  @TenantFrom('none')
  @Header('Cache-Control', 'no-store')
  @UseInterceptors(EntityTagInterceptor)
  rotate(
    @Context() context: RequestContext,
    @Param('token_id') id: string,
    @OptionalJsonBody(validated(RotateScimTokenDto)) input: Readonly<RotateScimTokenDto>,
  ): Promise<ScimTokenCreatedResponse> {
    return this.rotation.rotate(context, id, input);
  }

  @Post(':token_id/rotation/complete')
  @CompleteRotationDocs()
  @Access('write')
  @TenantFrom('none')
  @HttpCode(200)
  @UseInterceptors(EntityTagInterceptor)
  complete(
    @Context() context: RequestContext,
    @Param('token_id') id: string,
  ): Promise<ScimTokenResponse> {
    return this.rotation.complete(context, id);
  }

  @Delete(':token_id/rotation')
  @CancelRotationDocs()
  @Access('write')
  @TenantFrom('none')
  @UseInterceptors(EntityTagInterceptor)
  cancel(
    @Context() context: RequestContext,
    @Param('token_id') id: string,
  ): Promise<ScimTokenResponse> {
    return this.rotation.cancel(context, id);
  }
}
