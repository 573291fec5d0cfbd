import { applyDecorators, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { Access } from '../admin/admin.guards';
import { Context, Reach, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext, TenantScope } from '../core/request-context';
import { ApiBody, ApiOperation } from '../http/openapi-decorators';
import { ApiErrors, success } from '../http/operation.docs';
import { JsonBody, validated } from '../http/validated-input';
import { ExplainDto } from './explain.dto';
import { ExplainService } from './explain.service';
import { ExplanationResponse } from './explanation.response';

const ExplainDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'explain_scim_token',
      summary: 'Explain Scim Token',
      description:
        "What would be said to a request with this header, or this assertion, and why: the verifier's own checks, up to the one that refuses. Nothing is counted of it, as a use or as a failure. A token that the caller may not act for is as one that there is not.",
    }),
    ApiBody({ type: ExplainDto }),
    success(200, ExplanationResponse),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
  );

/** What would be said to a request that is not made. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class ExplainController {
  constructor(private readonly service: ExplainService) {}

  @Post('explain')
  @ExplainDocs()
  @Access('read')
  @TenantFrom('body')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  explain(
    @Context() context: RequestContext,
    @Reach() reach: TenantScope,
    @JsonBody(validated(ExplainDto)) input: Readonly<ExplainDto>,
  ): Promise<ExplanationResponse> {
    return this.service.explain(context, reach, input);
  }
}
