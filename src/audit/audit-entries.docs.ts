import { applyDecorators } from '@nestjs/common';
import {
  ApiErrors,
  cursorQuery,
  instantQuery,
  success,
  tenantQuery,
  tokenIdParam,
  query,
} from '../http/operation.docs';
import { ApiOperation, ApiResponse } from '../http/openapi-decorators';
import { AUDIT_ENTRY_TYPES } from '../ledger/audit-chain';
import { AuditEntryPageResponse } from './audit-entries.dto';

const filters = () =>
  applyDecorators(
    query('type', 'Narrows to one kind of entry.', {
      type: 'string',
      enum: [...AUDIT_ENTRY_TYPES],
    }),
    query('actor', 'Narrows to what the administrator with this `sub` did.', {
      type: 'string',
      minLength: 1,
      maxLength: 255,
    }),
    instantQuery('since', 'Narrows to entries at or after this time.'),
    instantQuery('until', 'Narrows to entries before this time.'),
  );

const paging = () =>
  applyDecorators(
    query('per_page', 'Entries on a page.', {
      type: 'integer',
      default: 20,
      minimum: 1,
      maximum: 100,
    }),
    cursorQuery(),
  );

const ownTenant = () =>
  tenantQuery('Whose entries. Required, but for a tenant_admin, whose JWT names it.');

export const TenantEventsDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'list_scim_token_events',
      summary: 'List Scim Token Events',
      description: "A tenant's audit trail, newest first.",
    }),
    ownTenant(),
    paging(),
    filters(),
    success(200, AuditEntryPageResponse),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const TokenEventsDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'list_events_of_scim_token',
      summary: 'List Events Of Scim Token',
      description: "A token's audit trail, newest first; also after the token has been purged.",
    }),
    tokenIdParam(),
    paging(),
    filters(),
    success(200, AuditEntryPageResponse),
    ApiErrors(401, 403, 404, 429, 503),
  );

/** Two lines, shortened: each has all fields of an entry. */
const EXPORTED =
  '{"id":"evt_019ab3f2c1d17b5e8f20b1c2d3e4f507","seq":1,"type":"scim_token.created"}\n' +
  '{"id":"evt_019ab3f2c1d27b5e8f20b1c2d3e4f508","seq":2,"type":"scim_token.revoked"}\n';

export const ExportEventsDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'export_scim_token_events',
      summary: 'Export Scim Token Events',
      description:
        "A tenant's audit trail, oldest first, one JSON object a line. An answer that breaks off is not complete.",
    }),
    ownTenant(),
    filters(),
    ApiResponse({
      status: 200,
      description: 'Successful Response',
      content: { 'application/x-ndjson': { schema: { type: 'string' }, example: EXPORTED } },
    }),
    ApiErrors(401, 403, 404, 429, 503),
  );
