import { Controller, Get, Header, Param, StreamableFile, Logger } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { Context, ReadTenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { QueryInput, validated } from '../http/validated-input';
import {
  type AuditEntryPageResponse,
  AuditExportQueryDto,
  TenantEventsQueryDto,
  TokenEventsQueryDto,
} from './audit-entries.dto';
import { ExportEventsDocs, TenantEventsDocs, TokenEventsDocs } from './audit-entries.docs';
import { AuditEntriesService } from './audit-entries.service';
import { Readable } from 'node:stream';
import { LogEntry } from '../core/log-entry';

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

const logger = new Logger('NdjsonExport');

/**
 * Sends objects as one JSON text a line. Batches are taken only as fast as the client reads. A failure
 * in between cuts the connection: an answer that just ended would look complete.
 */
export function ndjson(
  batches: AsyncIterable<readonly object[]>,
  filename: string,
): StreamableFile {
  const stream = Readable.from(chunks(batches), { highWaterMark: 1 });
  const file = new StreamableFile(stream, {
    type: 'application/x-ndjson',
    disposition: `attachment; filename="${filename}"`,
  });
  return file.setErrorHandler((error, response) => {
    logger.error(new LogEntry('An export broke off', { err: error }));
    response.destroy?.(error);
  });
}

async function* chunks(batches: AsyncIterable<readonly object[]>): AsyncGenerator<Buffer> {
  for await (const batch of batches) {
    yield Buffer.from(batch.map((item) => `${JSON.stringify(item)}\n`).join(''), 'utf8');
  }
}
