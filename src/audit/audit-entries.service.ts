import { uuidOf } from '../core/token-id';
import { Injectable } from '@nestjs/common';
import { heldTenant, type RequestContext } from '../core/request-context';
import { ScimTokenNotFoundError } from '../core/errors';
import {
  toAuditEvent,
  type AuditEntryPageResponse,
  type AuditEntryResponse,
  eventCursor,
  type AuditExportQueryDto,
  type TenantEventsQueryDto,
  type TokenEventsQueryDto,
} from './audit-entries.dto';
import { AuditEntriesRepository, type AuditEntryFilter } from './audit-entries.repository';

/** Entries that an export reads at a time. */
const EXPORT_BATCH = 500;

/** Shows what happened to tokens, and who did it. */
@Injectable()
export class AuditEntriesService {
  constructor(private readonly events: AuditEntriesRepository) {}

  /**
   * One page of the selected tenant's entries, newest first.
   *
   * @throws TenantNotFoundError
   */
  ofTenant(
    context: RequestContext,
    query: Readonly<TenantEventsQueryDto>,
  ): Promise<AuditEntryPageResponse> {
    heldTenant(context);
    return this.page(context, query, filterOf(query));
  }

  /**
   * One page of a token's entries, newest first; also of a token that has been removed.
   *
   * @throws ScimTokenNotFoundError
   */
  async ofToken(
    context: RequestContext,
    id: string,
    query: Readonly<TokenEventsQueryDto>,
  ): Promise<AuditEntryPageResponse> {
    const tokenId = uuidOf(id);
    if (!(await this.events.knows(context.scope, tokenId))) throw new ScimTokenNotFoundError();
    return this.page(context, query, { ...filterOf(query), tokenId });
  }

  /**
   * The selected tenant's entries, oldest first, in batches: no more than one is in memory. The first one
   * has been read when this answers, so that what fails at once can still be told.
   *
   * @throws TenantNotFoundError
   */
  async export(
    context: RequestContext,
    query: Readonly<AuditExportQueryDto>,
  ): Promise<AsyncIterable<readonly AuditEntryResponse[]>> {
    heldTenant(context);
    const read = (above: number) =>
      this.events.oldest(context.scope, filterOf(query), above, EXPORT_BATCH);
    const first = await read(0);
    return (async function* () {
      for (let rows = first; rows.length > 0;) {
        yield rows.map(toAuditEvent);
        const last = rows.at(-1);
        if (!last || rows.length < EXPORT_BATCH) return;
        rows = await read(Number(last.seq));
      }
    })();
  }

  private async page(
    { scope }: RequestContext,
    { per_page, cursor }: Readonly<TokenEventsQueryDto>,
    filter: AuditEntryFilter,
  ): Promise<AuditEntryPageResponse> {
    const rows = await this.events.newest(scope, filter, cursor, per_page + 1);
    const items = rows.slice(0, per_page).map(toAuditEvent);
    const last = items.at(-1);
    return {
      items,
      next_cursor: last && rows.length > per_page ? eventCursor(last.seq) : null,
    };
  }
}

function filterOf({ type, actor, since, until }: Readonly<AuditExportQueryDto>): AuditEntryFilter {
  return { type, actor, since, until };
}
