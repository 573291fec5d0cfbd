import { applyDecorators } from '@nestjs/common';
import { SETUP_LINK_STATUSES } from '../../core/setup-link';
import {
  ApiConflicts,
  ApiErrors,
  ApiErrorsBesidesInput,
  ApiNotFound,
  query,
  success,
  tenantQuery,
} from '../../http/operation.docs';
import { ApiBody, ApiOperation, ApiParam } from '../../http/openapi-decorators';
import { CreateSetupLinkDto } from './create-setup-link.dto';
import {
  SetupLinkCreatedResponse,
  SetupLinkPageResponse,
  SetupLinkResponse,
} from './setup-link.response';

const linkIdParam = () =>
  ApiParam({
    name: 'link_id',
    description: 'The id that create and list answer.',
    schema: { type: 'string', title: 'Link Id' },
    example: 'sul_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  });

const LOCATION = {
  Location: {
    description: 'Path of the new link.',
    schema: { type: 'string' },
    example: '/api/v1/admin/scim-tokens/setup-links/sul_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  },
};

export const CreateDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'create_scim_setup_link',
      summary: 'Create Scim Setup Link',
      description:
        "Make a link for a customer's IT contact, who connects the identity provider on the page behind it without an account here. Its URL is shown this once.",
    }),
    ApiBody({
      type: CreateSetupLinkDto,
      examples: {
        okta: {
          summary: 'For Okta, a week',
          value: { tenant_id: 'tnt_a', provider: 'okta' },
        },
        narrowed: {
          summary: 'For whatever provider, a month, a token of two scopes that lives 180 days',
          value: {
            tenant_id: 'tnt_a',
            expires_in_hours: 720,
            language: 'de',
            token: { scopes: ['users:read', 'users:write'], expires_in_days: 180 },
          },
        },
        renewal: {
          summary: 'A new value for a token that is about to expire',
          value: { tenant_id: 'tnt_a', token_id: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506' },
        },
      },
    }),
    success(201, SetupLinkCreatedResponse, LOCATION),
    ApiErrors(400, 401, 403, 404, 413, 415, 429, 503),
    ApiConflicts(
      'Tenant already has 10 open setup links',
      'SCIM token is revoked',
      'SCIM token has no secret to rotate',
    ),
  );

export const ListDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'list_scim_setup_links',
      summary: 'List Scim Setup Links',
      description: 'Setup links, newest first.',
    }),
    query('page', 'Page to answer, from 1. A page past the end is empty.', {
      type: 'integer',
      default: 1,
      minimum: 1,
    }),
    query('per_page', 'Links on a page.', {
      type: 'integer',
      default: 20,
      minimum: 1,
      maximum: 100,
    }),
    tenantQuery('Narrows to one tenant; without it all tenants the caller may act for.'),
    query('status', 'Narrows to one status.', { type: 'string', enum: [...SETUP_LINK_STATUSES] }),
    success(200, SetupLinkPageResponse),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const GetDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'get_scim_setup_link',
      summary: 'Get Scim Setup Link',
      description: 'A setup link by its id, without its URL.',
    }),
    linkIdParam(),
    success(200, SetupLinkResponse),
    ApiErrorsBesidesInput(401, 403, 429, 503),
    ApiNotFound('Setup link not found'),
  );

export const RevokeDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'revoke_scim_setup_link',
      summary: 'Revoke Scim Setup Link',
      description:
        'End a link for good: an open page of it is refused at its next request. The token that it made lives on. Again is no error.',
    }),
    linkIdParam(),
    success(204),
    ApiErrorsBesidesInput(401, 403, 429, 503),
    ApiNotFound('Setup link not found'),
  );
