import { applyDecorators, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { ApiErrors, success } from '../http/operation.docs';
import { ApiBody, ApiOperation } from '../http/openapi-decorators';
import { Context, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { JsonBody, validated } from '../http/validated-input';
import { RevokeAllDto, RevokeAllResponse } from './revoke-all.dto';
import { RevokeAllService } from './revoke-all.service';

const RevokeAllDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'revoke_all_scim_tokens',
      summary: 'Revoke All Scim Tokens',
      description: 'Revokes every token of a tenant, for an incident, and ends its setup links.',
    }),
    ApiBody({ type: RevokeAllDto }),
    success(200, RevokeAllResponse),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
  );

/** Ends all of a tenant's tokens. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class RevokeAllController {
  constructor(private readonly service: RevokeAllService) {}

  @Post('revoke-all')
  @RevokeAllDocs()
  @Access('write')
  @TenantFrom('body')
  @HttpCode(200)
  revokeAll(
    @Context() context: RequestContext,
    @JsonBody(validated(RevokeAllDto)) input: Readonly<RevokeAllDto>,
  ): Promise<RevokeAllResponse> {
    return this.service.revokeAll(context, input);
  }
}
