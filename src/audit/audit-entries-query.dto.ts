import { readCursor, writeCursor } from '../core/cursor';
import {
  IsInstant,
  IsInteger,
  IsOmittable,
  IsRequiredTenant,
  IsText,
  IsWord,
  Read,
} from '../http/validation/decorators';
import { Rejected } from '../http/validation/read-values';
import { TENANT_ID_MAX } from '../core/tenant-id';
import { AUDIT_ENTRY_TYPES, type AuditEntryType } from '../ledger/audit-chain';

/** Which events to show; what is undefined lets all pass. */
export class AuditEntryFilterDto {
  @IsOmittable()
  @IsWord(AUDIT_ENTRY_TYPES)
  type?: AuditEntryType;

  @IsOmittable()
  @IsText({ min: 1, max: 255 })
  actor?: string;

  /** Inclusive. */
  @IsOmittable()
  @IsInstant()
  since?: Date;

  /** Exclusive. */
  @IsOmittable()
  @IsInstant()
  until?: Date;
}

/** Which of a tenant's events to export. */
export class AuditExportQueryDto extends AuditEntryFilterDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}

/** Which page of which events of a token. */
export class TokenEventsQueryDto extends AuditEntryFilterDto {
  @IsInteger({ min: 1, max: 100 })
  per_page = 20;

  /** Number of the last event of the page before. */
  @IsOmittable()
  @Read(readEventCursor)
  cursor?: number;
}

/** Which page of which events of a tenant. */
export class TenantEventsQueryDto extends TokenEventsQueryDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}

/** The cursor after an event. */
export function eventCursor(seq: number): string {
  return writeCursor(['event', seq]);
}

function readEventCursor(input: unknown): number | Rejected {
  const [kind, seq, ...rest] = readCursor(input) ?? [];
  const sound = kind === 'event' && Number.isSafeInteger(seq) && rest.length === 0;
  return sound ? (seq as number) : new Rejected('bad_cursor');
}
