import {
  applyDecorators,
  Controller,
  createParamDecorator,
  Header,
  HttpCode,
  Injectable,
  Post,
  UseFilters,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { VERIFICATION_TAG } from '../admin/admin-api.decorator';
import { claimsOf, introspectorFrom, setCaller } from '../admin/caller';
import { Context, ReadTenantFrom } from '../admin/tenant-scope';
import { RestOfBodyGuard, ScimTokensJwtGuard } from '../admin/admin.guards';
import type { RequestContext } from '../core/request-context';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.options';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { BodyLimitGuard } from '../http/request-body';
import { ApiErrors, success } from '../http/operation.docs';
import type { IncomingRequest } from '../http/incoming-request';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiTags,
} from '../http/openapi-decorators';
import { FormBody, validated } from '../http/validated-input';
import { IntrospectionDto } from './introspection.dto';
import { IntrospectionResponse } from './introspection.response';
import { IntrospectionService } from './introspection.service';

/** Turns the verified claims into a caller, and refuses one who may not ask about tokens. */
@Injectable()
export class IntrospectionAccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<object>();
    setCaller(request, introspectorFrom(claimsOf(request)));
    return true;
  }
}

/** Whether the caller asks for an answer that nothing remembered takes part in: RFC 9111 §5.2.1.4. */
const WantsFresh = createParamDecorator((_: unknown, execution: ExecutionContext): boolean => {
  const { headers } = execution.switchToHttp().getRequest<IncomingRequest>();
  const directives = (headers['cache-control'] ?? '').split(',');
  return directives.some((directive) => directive.trim().toLowerCase() === 'no-cache');
});

const IntrospectionDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'introspect_scim_token',
      summary: 'Introspect Scim Token',
      description:
        "Whether a presented token is good, and whose it is (RFC 7662). A token that is not accepted, for whatever reason, is answered `{\"active\": false}` and nothing else; our own trouble is a 503. A parameter sent twice is an error, an unknown one is ignored. For a super_admin, for platform tokens with `admin:read`, `admin:write` or `scim:introspect`, and for every other JWT with the scope `scim:introspect`: with a tenant_admin's or partner_admin's role it learns of its own tenants' tokens alone, without a role of every tenant's.",
    }),
    ApiConsumes('application/x-www-form-urlencoded'),
    ApiBody({ type: IntrospectionDto }),
    ApiHeader({
      name: 'Cache-Control',
      required: false,
      description: '`no-cache`: the answer comes from the database.',
      schema: { type: 'string', title: 'Cache-Control' },
    }),
    success(200, IntrospectionResponse),
    ApiErrors(401, 403, 413, 415, 429, 503),
  );

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
