import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse } from '../http/openapi-decorators';
import { success } from '../http/operation.docs';
import { AccessTokenResponse, OAuthErrorResponse } from './access-token.response';

const CLIENT = 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506';
const RETRY = {
  'Retry-After': {
    description: 'Seconds until it is worth asking again.',
    schema: { type: 'integer' as const },
    example: 2,
  },
};
const CHALLENGE = {
  'WWW-Authenticate': {
    description: 'The challenge of RFC 7617.',
    schema: { type: 'string' as const },
    example: 'Basic realm="SCIM"',
  },
};

const error = (
  status: number,
  description: string,
  code: string,
  text: string,
  headers: Parameters<typeof ApiResponse>[0]['headers'] = {},
) =>
  ApiResponse({
    status,
    description,
    type: OAuthErrorResponse,
    example: { error: code, error_description: text },
    headers,
  });

const parameter = (description: string, example?: string) => ({
  type: 'string',
  description,
  ...(example !== undefined && { example }),
});

export const TokenEndpointDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'issue_scim_access_token',
      summary: 'Issue Scim Access Token',
      description:
        "An access token for a connection that has `auth_method` `client_credentials` or `workload_identity` (RFC 6749 §4.4, RFC 7523 §2.2). The client is the token's id. A client secret is sent by HTTP Basic, in the body, or in both alike; an assertion in the body. Parameters in the URL are refused, but for ones that are not ours. Every `invalid_client` is the same, whatever the reason: that reaches `recent_failures` of endpoint-info.",
      security: [],
    }),
    ApiConsumes('application/x-www-form-urlencoded'),
    ApiBody({
      schema: {
        type: 'object',
        required: ['grant_type'],
        properties: {
          grant_type: parameter('`client_credentials`.', 'client_credentials'),
          client_id: parameter('Id of the token; may be left out beside HTTP Basic.', CLIENT),
          client_secret: parameter('The client secret, where it is not sent by HTTP Basic.'),
          client_assertion_type: parameter(
            '`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion.',
          ),
          client_assertion: parameter(
            'A JWT that the connection trusts, at most 8,192 characters.',
          ),
          scope: parameter(
            "Of the token's scopes those that are needed, separated by a space; all of them without it, or by `scim`.",
            'users:read users:write',
          ),
        },
      },
    }),
    success(200, AccessTokenResponse, {
      'Cache-Control': { description: '`no-store`.', schema: { type: 'string' } },
    }),
    error(
      400,
      'The request cannot be read, asks for another grant, or for a scope that it does not get: `invalid_request`, `unsupported_grant_type`, `invalid_scope`.',
      'unsupported_grant_type',
      'Only client_credentials is supported',
    ),
    error(
      401,
      'The client is not authenticated, for whatever reason.',
      'invalid_client',
      'Client authentication failed',
      CHALLENGE,
    ),
    error(413, 'The body is larger than the limit.', 'invalid_request', 'Request body too large'),
    error(
      429,
      'Too many access tokens for this client in a minute, or too many refusals of it from this address.',
      'temporarily_unavailable',
      'Too Many Requests',
      RETRY,
    ),
    error(
      503,
      'Nothing can be said at the moment: the database is away, or keys of an issuer were never had.',
      'temporarily_unavailable',
      'Service temporarily unavailable',
      RETRY,
    ),
  );
