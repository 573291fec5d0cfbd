import { applyDecorators } from '@nestjs/common';
import { ApiErrors } from '../http/error-responses.docs';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation } from '../http/openapi-decorators';
import { success } from '../http/operation.docs';
import { IntrospectionDto } from './introspection.dto';
import { IntrospectionResponse } from './introspection.response';

export const IntrospectionDocs = () =>
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
