import { Controller, Header, HttpCode, Post, UseFilters, UseGuards } from '@nestjs/common';
import { ScimTokensJwtGuard } from '../admin/jwt-auth.guard';
import { RestOfBodyGuard } from '../admin/rest-of-body.guard';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { BodyLimitGuard } from '../http/body-limit.guard';
import { ApiBearerAuth, ApiTags } from '../http/openapi-decorators';
import { Context } from '../admin/context.decorator';
import type { RequestContext } from '../core/request-context';
import { ReadTenantFrom } from '../admin/tenant-from.decorator';
import { VERIFICATION_TAG } from '../admin/admin-api.decorator';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.extras';
import { FormBody, validated } from '../http/validated-input';
import { IntrospectionAccessGuard } from './introspection-access.guard';
import { IntrospectionDocs } from './introspection.docs';
import { IntrospectionDto } from './introspection.dto';
import type { IntrospectionResponse } from './introspection.response';
import { IntrospectionService } from './introspection.service';
import { WantsFresh } from './wants-fresh.decorator';

/**
 * Introspection for resource servers. Callers ask once for each request of theirs: what bounds them is
 * not the rate of an administrator, but that of failed authentications.
 */
@Controller(DEFAULT_EXTRAS.publicPath)
@UseGuards(BodyLimitGuard, ScimTokensJwtGuard, RestOfBodyGuard, IntrospectionAccessGuard)
@UseFilters(ApiExceptionFilter)
@ApiTags(VERIFICATION_TAG)
@ApiBearerAuth()
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post('introspect')
  @IntrospectionDocs()
  @ReadTenantFrom('none')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  introspect(
    @Context() context: RequestContext,
    @FormBody(validated(IntrospectionDto)) input: Readonly<IntrospectionDto>,
    @WantsFresh() fresh: boolean,
  ): Promise<IntrospectionResponse> {
    return this.introspection.introspect(context, input, fresh);
  }
}
