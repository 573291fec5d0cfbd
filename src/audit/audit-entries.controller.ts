import { Controller, Get, Header, Param, type StreamableFile } from '@nestjs/common';
import { Access } from '../admin/access.guard';
import { Context, ReadTenantFrom } from '../admin/tenant-scope.interceptor';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { QueryInput, validated } from '../http/validated-input';
import type { AuditEntryPageResponse } from './audit-entry.response';
import {
  AuditExportQueryDto,
  TenantEventsQueryDto,
  TokenEventsQueryDto,
} from './audit-entries-query.dto';
import { ExportEventsDocs, TenantEventsDocs, TokenEventsDocs } from './audit-entries.docs';
import { AuditEntriesService } from './audit-entries.service';
import { ndjson } from './ndjson';

/** The audit trail. Stands before the operations on single tokens, whose path would take `events`. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class AuditEntriesController {
  constructor(private readonly events: AuditEntriesService) {}

  @Get('events')
  @TenantEventsDocs()
  @Access('read')
  @ReadTenantFrom('query')
  ofTenant(
    @Context() context: RequestContext,
    @QueryInput(validated(TenantEventsQueryDto)) query: Readonly<TenantEventsQueryDto>,
  ): Promise<AuditEntryPageResponse> {
    return this.events.ofTenant(context, query);
  }

  @Get('events/export')
  @ExportEventsDocs()
  @Access('read')
  @ReadTenantFrom('query')
  @Header('Cache-Control', 'no-store')
  async export(
    @Context() context: RequestContext,
    @QueryInput(validated(AuditExportQueryDto)) query: Readonly<AuditExportQueryDto>,
  ): Promise<StreamableFile> {
    return ndjson(await this.events.export(context, query), 'scim-token-events.ndjson');
  }

  @Get(':token_id/events')
  @TokenEventsDocs()
  @Access('read')
  @ReadTenantFrom('none')
  ofToken(
    @Context() context: RequestContext,
    @Param('token_id') id: string,
    @QueryInput(validated(TokenEventsQueryDto)) query: Readonly<TokenEventsQueryDto>,
  ): Promise<AuditEntryPageResponse> {
    return this.events.ofToken(context, id, query);
  }
}
