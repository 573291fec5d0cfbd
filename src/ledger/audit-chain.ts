import { toEventId, toTokenId } from '../core/token';
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { v7 as uuidV7 } from 'uuid';
import type { Doer } from '../core/request-context';

/** What can happen to a token. */
export const AUDIT_ENTRY_TYPES = [
  'scim_token.created',
  'scim_token.updated',
  'scim_token.disabled',
  'scim_token.enabled',
  'scim_token.rotated',
  'scim_token.rotation_completed',
  'scim_token.rotation_cancelled',
  'scim_token.revoked',
  'scim_token.expired',
  'scim_token.leaked',
  'scim_token.auth_failed',
  'scim_token.setup_link_created',
  'scim_token.setup_link_opened',
  'scim_token.setup_link_completed',
  'scim_token.setup_link_revoked',
  'scim_token.failing',
  'scim_token.quiet',
  'scim_token.recovered',
] as const;

/** One of {@link AUDIT_ENTRY_TYPES}. */
export type AuditEntryType = (typeof AUDIT_ENTRY_TYPES)[number];

/** Old and new value of each field that changed, as the API shows them. */
export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/** An entry before it is chained. */
export interface AuditEntry extends Doer {
  readonly type: AuditEntryType;
  /** UUID of the token; null where a failed check was of nobody's value, or a setup link has made none yet. */
  readonly tokenId: string | null;
  readonly at: Date;
  readonly changes: Changes;
}

/** A row of the audit trail's table. */
export interface AuditEntryRow {
  readonly id: string;
  /** A bigint, which the driver hands on as text. */
  readonly seq: string;
  readonly tenant_id: string;
  readonly token_id: string | null;
  readonly type: AuditEntryType;
  readonly actor: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly at: Date;
  readonly changes: Changes;
  readonly prev_hash: string;
  readonly hash: string;
}

/** Columns of an {@link AuditEntryRow}. */
export const AUDIT_ENTRY_COLUMNS = [
  'id',
  'seq',
  'tenant_id',
  'token_id',
  'type',
  'actor',
  'ip',
  'user_agent',
  'request_id',
  'at',
  'changes',
  'prev_hash',
  'hash',
] as const satisfies readonly (keyof AuditEntryRow)[];

/**
 * One tenant's hash chain: `hash = SHA-256(prev_hash ‖ RFC 8785 JSON of the entry)`, both as UTF-8
 * text, hashes in lower-case hex. Whoever changes, removes or reorders an entry breaks every later hash.
 */
export class AuditChain {
  /** Stands before a tenant's first entry. */
  static readonly START = '0'.repeat(64);

  readonly appended: AuditEntryRow[] = [];

  constructor(
    private readonly tenantId: string,
    public seq: number,
    public headHash: string,
  ) {}

  /** Gives the entry its number and hash. */
  append({ type, tokenId, at, actor, ip, userAgent, requestId, changes }: AuditEntry): void {
    this.seq += 1;
    const entry = {
      id: uuidV7({ msecs: at.getTime() }),
      seq: String(this.seq),
      tenant_id: this.tenantId,
      token_id: tokenId,
      type,
      actor,
      ip,
      user_agent: userAgent,
      request_id: requestId,
      at,
      changes,
    };
    const prevHash = this.headHash;
    this.headHash = hashEntry(prevHash, hashedMembers(entry));
    this.appended.push({ ...entry, prev_hash: prevHash, hash: this.headHash });
  }
}

/** What of an entry is hashed: every member but the hashes, as the API writes them. */
export function hashedMembers(row: Omit<AuditEntryRow, 'prev_hash' | 'hash'>) {
  return {
    id: toEventId(row.id),
    seq: Number(row.seq),
    tenant_id: row.tenant_id,
    token_id: row.token_id === null ? null : toTokenId(row.token_id),
    type: row.type,
    actor: row.actor,
    ip: row.ip,
    user_agent: row.user_agent,
    request_id: row.request_id,
    at: row.at.toISOString(),
    changes: row.changes,
  };
}

/** Hash of an entry whose members are as the API writes them, null where there is none. */
export function hashEntry(prevHash: string, entry: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(prevHash + String(canonicalize(entry)), 'utf8')
    .digest('hex');
}
