import { HEALTH_STATES } from '../core/health';
import { AUTH_METHODS, TOKEN_STATUSES } from '../core/token';
import { applyDecorators } from '@nestjs/common';
import {
  ApiErrors,
  instantQuery,
  success,
  tenantQuery,
  tokenIdParam,
  query,
} from '../http/operation.docs';
import { ApiBody, ApiHeader, ApiOperation } from '../http/openapi-decorators';
import { CreateScimTokenDto } from './dto/create-scim-token.dto';
import { EndpointInfoResponse } from '../endpoint-info/endpoint-info.dto';
import { ScimTokenPageResponse } from './dto/scim-token-page.response';
import { ScimTokenCreatedResponse, ScimTokenResponse } from './dto/scim-token.response';
import { REASON_MAX } from './dto/revoke-scim-token-query.dto';
import { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import { DEFAULT_SORT, TOKEN_SORTS } from './list/list-cursor';

/**
 * How the six operations are documented. Names, summaries, descriptions and operation ids are those of
 * the published contract: clients were generated from them.
 */
const ID_PREFIX = 'api_v1_admin_scim_tokens';

/** OpenAPI tells tools to ignore it in favour of the security scheme; the contract lists it. */
const authorization = () =>
  ApiHeader({
    name: 'authorization',
    required: false,
    schema: { type: 'string', nullable: true, title: 'Authorization' },
  });

const ifMatch = () =>
  ApiHeader({
    name: 'if-match',
    required: false,
    description:
      'Entity tags the token may have, such as `"3"`, or `*`: with another one nothing is done, and the answer is 412.',
    // No example: Swagger UI would send it.
    schema: { type: 'string', title: 'If Match' },
  });

/** The header of an answer that is a token. */
const ETAG = {
  ETag: {
    description: "Strong tag of the token's version, for `If-Match`. Its use does not change it.",
    schema: { type: 'string' as const },
    example: '"3"',
  },
};

export const ListDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `list_scim_tokens_${ID_PREFIX}__get`,
      summary: 'List Scim Tokens',
      description: 'List SCIM tokens.',
    }),
    query('page', 'Page to answer, from 1. A page past the end is empty.', {
      type: 'integer',
      default: 1,
      minimum: 1,
    }),
    query('per_page', 'Tokens on a page.', {
      type: 'integer',
      default: 20,
      minimum: 1,
      maximum: 100,
    }),
    tenantQuery('Narrows to one tenant; without it all tenants the caller may act for.'),
    query('status', 'Narrows to one status; revoked tokens are shown only when asked for.', {
      type: 'string',
      enum: [...TOKEN_STATUSES],
    }),
    query('q', 'Narrows to names that contain this, in whatever case. Needs a tenant.', {
      type: 'string',
      minLength: 1,
      maxLength: 255,
    }),
    query('sort', 'Order; `-` for descending.', {
      type: 'string',
      enum: [...TOKEN_SORTS],
      default: DEFAULT_SORT,
    }),
    instantQuery('expires_before', 'Narrows to tokens that expire before this.'),
    instantQuery('expires_after', 'Narrows to tokens that expire after this.'),
    instantQuery(
      'unused_since',
      'Narrows to tokens last used before this, and to those made before and never used.',
    ),
    query('created_by', 'Narrows to the tokens that the administrator with this `sub` made.', {
      type: 'string',
      minLength: 1,
      maxLength: 255,
    }),
    query('auth_method', 'Narrows to tokens whose holder proves itself so.', {
      type: 'string',
      enum: [...AUTH_METHODS],
    }),
    query(
      'health',
      'Narrows to one state of health; revoked tokens are shown only when asked for.',
      {
        type: 'string',
        enum: [...HEALTH_STATES],
      },
    ),
    query(
      'cursor',
      'The `next_cursor` of another page: goes on after it, at the same cost at any depth. Sent with the same filters; `page` is ignored.',
      { type: 'string' },
    ),
    authorization(),
    success(200, ScimTokenPageResponse),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const CreateDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `create_scim_token_${ID_PREFIX}__post`,
      summary: 'Create Scim Token',
      description: 'Create a new SCIM token.',
    }),
    authorization(),
    ApiBody({
      type: CreateScimTokenDto,
      examples: {
        named: {
          summary: 'All scopes, default lifetime',
          value: { name: 'Okta production', tenant_id: 'tnt_a' },
        },
        narrowed: {
          summary: 'Two scopes, one network, 90 days',
          value: {
            name: 'Entra ID',
            tenant_id: 'tnt_a',
            description: 'Provisioning of the EMEA workforce',
            scopes: ['users:read', 'users:write'],
            expires_in_days: 90,
            allowed_ips: ['203.0.113.0/24'],
          },
        },
        client_credentials: {
          summary: 'A client id and a client secret for the token endpoint',
          value: { name: 'PingOne', tenant_id: 'tnt_a', auth_method: 'client_credentials' },
        },
        workload_identity: {
          summary: "Entra ID's own assertions: no secret of ours at all",
          value: {
            name: 'Entra ID',
            tenant_id: 'tnt_a',
            auth_method: 'workload_identity',
            expires_at: null,
            trust: {
              issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
              subject: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
              audience: 'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/.default',
            },
          },
        },
      },
    }),
    success(201, ScimTokenCreatedResponse, {
      Location: {
        description: 'Path of the new token.',
        schema: { type: 'string' },
        example: '/api/v1/admin/scim-tokens/sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
      },
      ...ETAG,
    }),
    ApiErrors(400, 401, 403, 404, 409, 413, 415, 429, 503),
  );

export const EndpointInfoDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `get_scim_endpoint_info_${ID_PREFIX}_endpoint_info_get`,
      summary: 'Get Scim Endpoint Info',
      description: 'Get SCIM endpoint information for configuration in identity providers.',
    }),
    tenantQuery('The tenant to connect. Required, but for a tenant_admin, whose JWT names it.'),
    authorization(),
    success(200, EndpointInfoResponse),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const GetDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `get_scim_token_${ID_PREFIX}__token_id__get`,
      summary: 'Get Scim Token',
      description: 'Get a SCIM token by ID.',
    }),
    tokenIdParam(),
    authorization(),
    success(200, ScimTokenResponse, ETAG),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const UpdateDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `update_scim_token_${ID_PREFIX}__token_id__patch`,
      summary: 'Update Scim Token',
      description: 'Update a SCIM token.',
    }),
    tokenIdParam(),
    authorization(),
    ifMatch(),
    ApiBody({
      type: UpdateScimTokenDto,
      examples: {
        narrow: { summary: 'Narrow the scopes', value: { scopes: ['users:read'] } },
        disable: { summary: 'Switch off', value: { enabled: false } },
        prolong: { summary: 'Live 30 days from now', value: { expires_in_days: 30 } },
      },
    }),
    success(200, ScimTokenResponse, ETAG),
    ApiErrors(400, 401, 403, 404, 409, 412, 413, 415, 429, 503),
  );

export const RevokeDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: `revoke_scim_token_${ID_PREFIX}__token_id__delete`,
      summary: 'Revoke Scim Token',
      description: 'Revoke (soft delete) a SCIM token.',
    }),
    tokenIdParam(),
    query('reason', 'Why, as `revocation_reason` will show it.', {
      type: 'string',
      maxLength: REASON_MAX,
    }),
    authorization(),
    ifMatch(),
    success(204),
    ApiErrors(401, 403, 404, 412, 429, 503),
  );
