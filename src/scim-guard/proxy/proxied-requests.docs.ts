import { SCIM_SCOPES } from '../../core/token';
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse } from '../../http/openapi-decorators';
import { ScimRouteError } from '../scim-route-error';

const text = (description: string, example: string) => ({
  description,
  schema: { type: 'string' as const },
  example,
});

const error = (example: ScimRouteError) => ({
  'application/scim+json': {
    example: example.toBody(),
    schema: {
      type: 'object' as const,
      required: ['schemas', 'status', 'detail'],
      properties: {
        schemas: { type: 'array' as const, items: { type: 'string' as const } },
        status: { type: 'string' as const },
        detail: { type: 'string' as const },
      },
    },
  },
});

export const VerifyProxiedDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'verify_proxied_scim_request',
      summary: 'Verify Proxied Scim Request',
      description:
        "Whether a reverse proxy may let a SCIM request pass. It sends the request's Authorization header, the path in the header that `SCIM_VERIFY_URI_HEADER` names, and `X-Scim-Verify-Secret`. Exists only where `SCIM_VERIFY_SECRET` is set. Errors are those of RFC 7644 §3.12.",
      security: [],
    }),
    ApiQuery({
      name: 'scope',
      required: false,
      description: 'Scopes that the request needs: repeated, or separated by spaces.',
      schema: { type: 'string', title: 'Scope' },
      example: SCIM_SCOPES[1],
    }),
    ApiHeader({
      name: 'X-Scim-Verify-Secret',
      required: true,
      description: 'The value of `SCIM_VERIFY_SECRET`.',
      schema: { type: 'string' },
    }),
    ApiHeader({
      name: 'X-Original-URI',
      required: false,
      description: 'Path and query of the SCIM request, as sent; or `X-Forwarded-Uri`.',
      schema: { type: 'string' },
    }),
    ApiResponse({
      status: 204,
      description: 'Successful Response',
      headers: {
        'X-Scim-Tenant-Id': text("The token's tenant, percent-encoded beyond ASCII.", 'tnt_a'),
        'X-Scim-Token-Id': text('Id of the token.', 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506'),
        'X-Scim-Scopes': text('Its scopes, separated by spaces.', 'users:read users:write'),
      },
    }),
    ApiResponse({
      status: 401,
      description: 'The token is not accepted.',
      content: error(ScimRouteError.refused()),
    }),
    ApiResponse({
      status: 403,
      description: 'The token lacks a scope.',
      content: error(ScimRouteError.insufficientScope([])),
    }),
    ApiResponse({
      status: 404,
      description: 'Verification for proxies is not set up.',
      content: {
        'application/json': {
          schema: { type: 'object', properties: { detail: { type: 'string' } } },
          example: { detail: 'Not Found' },
        },
      },
    }),
    ApiResponse({
      status: 503,
      description: 'The check cannot be made: our trouble, or a proxy that is not set up right.',
      headers: {
        'Retry-After': {
          description: 'Seconds until it is worth asking again.',
          schema: { type: 'integer' },
        },
      },
      content: error(ScimRouteError.unavailable(1)),
    }),
  );
