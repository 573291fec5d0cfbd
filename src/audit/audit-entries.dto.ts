import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import {
  AUDIT_ENTRY_TYPES,
  type AuditEntryType,
  type Changes,
  hashedMembers,
  type AuditEntryRow,
} from '../ledger/audit-chain';
import { readCursor, writeCursor, Rejected } from '../http/validation/read-values';
import {
  IsInstant,
  IsInteger,
  IsOmittable,
  IsRequiredTenant,
  IsText,
  IsWord,
  Read,
} from '../http/validation/decorators';
import { TENANT_ID_MAX } from '../core/tenant-directory';

const OPTIONAL_TEXT = { type: String, nullable: true } as const;

/** One entry of a tenant's audit trail. */
@ApiSchema({ name: 'ScimTokenEvent' })
export class AuditEntryResponse {
  @ApiProperty({
    description: 'Opaque, time-ordered id.',
    example: 'evt_019ab3f2c1d17b5e8f20b1c2d3e4f507',
  })
  id: string;

  @ApiProperty({
    type: 'integer',
    description: "Position in the tenant's trail, from 1, without a gap.",
    example: 1,
  })
  seq: number;

  @ApiProperty({ description: 'The customer the entry belongs to.', example: 'tnt_a' })
  tenant_id: string;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: "The token it happened to; null where it was none of the tenant's.",
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  token_id: string | null;

  @ApiProperty({
    enum: AUDIT_ENTRY_TYPES,
    description: 'What happened.',
    example: 'scim_token.created',
  })
  type: AuditEntryType;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: "The administrator's `sub`; null where no administrator acted.",
    example: 'admin@example.com',
  })
  actor: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'From which address.', example: '203.0.113.7' })
  ip: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'With which user agent.', example: 'curl/8.5.0' })
  user_agent: string | null;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: "The request's `x-request-id`.",
    example: '6f1c0f5e-8a53-4f0e-9d0a-3c1b2a4d5e6f',
  })
  request_id: string | null;

  @ApiProperty({
    format: 'date-time',
    description: 'When. The order of entries is that of `seq`.',
    example: '2026-11-24T09:30:00.000Z',
  })
  at: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Old and new value of each field that changed: `{field: {from, to}}`.',
    example: { name: { from: null, to: 'Okta production' } },
  })
  changes: Changes;

  @ApiProperty({
    description: "Hash of the entry before; 64 zeros before a tenant's first.",
    example: '0'.repeat(64),
  })
  prev_hash: string;

  @ApiProperty({
    description:
      'SHA-256, in hex, of the text `prev_hash` followed by the RFC 8785 JSON of the other members.',
    example: '3b1c5f0e7a9d4c2b8e6f1a0d9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b',
  })
  hash: string;
}

/** A page of entries, newest first. */
@ApiSchema({ name: 'ScimTokenEventPage' })
export class AuditEntryPageResponse {
  @ApiProperty({ description: 'The entries of the page.', type: [AuditEntryResponse] })
  items: AuditEntryResponse[];

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: 'The next page, for `cursor`; null on the last one.',
    example: null,
  })
  next_cursor: string | null;
}

/** An entry as the API shows it. */
export function toAuditEvent(row: AuditEntryRow): AuditEntryResponse {
  return { ...hashedMembers(row), prev_hash: row.prev_hash, hash: row.hash };
}

/** Which entries to show; what is undefined lets all pass. */
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

/** Which of a tenant's entries to export. */
export class AuditExportQueryDto extends AuditEntryFilterDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}

/** Which page of which entries of a token. */
export class TokenEventsQueryDto extends AuditEntryFilterDto {
  @IsInteger({ min: 1, max: 100 })
  per_page = 20;

  /** Number of the last entry of the page before. */
  @IsOmittable()
  @Read(readEventCursor)
  cursor?: number;
}

/** Which page of which entries of a tenant. */
export class TenantEventsQueryDto extends TokenEventsQueryDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}

/** The cursor after an entry. */
export function eventCursor(seq: number): string {
  return writeCursor(['event', seq]);
}

function readEventCursor(input: unknown): number | Rejected {
  const [kind, seq, ...rest] = readCursor(input) ?? [];
  const sound = kind === 'event' && Number.isSafeInteger(seq) && rest.length === 0;
  return sound ? (seq as number) : new Rejected('bad_cursor');
}
