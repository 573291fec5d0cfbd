import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { v7 as uuidV7 } from 'uuid';
import { toEventId, toTokenId } from '../core/token-id';

/** What can happen to a token. */
export const AUDIT_EVENT_TYPES = [
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
] as const;

/** One of {@link AUDIT_EVENT_TYPES}. */
export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** Old and new value of each field that changed, as the API shows them. */
export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/** An event before it is chained. */
export interface AuditEvent {
  readonly type: AuditEventType;
  /** UUID of the token; null where a failed check was of nobody's value. */
  readonly tokenId: string | null;
  readonly at: Date;
  readonly actor: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly changes: Changes;
}

interface Link {
  /** Values in the order of the events table's insert. */
  readonly row: readonly unknown[];
}

/**
 * One tenant's hash chain: `hash = SHA-256(prev_hash ‖ RFC 8785 JSON of the event)`, both as UTF-8
 * text, hashes in lower-case hex. Whoever changes, removes or reorders an event breaks every later hash.
 */
export class AuditChain {
  /** Stands before a tenant's first event. */
  static readonly START = '0'.repeat(64);

  readonly appended: Link[] = [];

  constructor(
    private readonly tenantId: string,
    public seq: number,
    public headHash: string,
  ) {}

  /** Gives the event its number and hash. */
  append(event: AuditEvent): void {
    const id = uuidV7({ msecs: event.at.getTime() });
    const prevHash = this.headHash;
    this.seq += 1;
    this.headHash = hashEvent(prevHash, {
      seq: this.seq,
      id: toEventId(id),
      tenant_id: this.tenantId,
      token_id: event.tokenId === null ? null : toTokenId(event.tokenId),
      type: event.type,
      actor: event.actor,
      ip: event.ip,
      user_agent: event.userAgent,
      request_id: event.requestId,
      at: event.at.toISOString(),
      changes: event.changes,
    });
    this.appended.push({
      row: [
        id,
        this.seq,
        this.tenantId,
        event.tokenId,
        event.type,
        event.actor,
        event.ip,
        event.userAgent,
        event.requestId,
        event.at,
        JSON.stringify(event.changes),
        prevHash,
        this.headHash,
      ],
    });
  }
}

/** Hash of an event whose members are as the API writes them, null where there is none. */
export function hashEvent(prevHash: string, event: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(prevHash + String(canonicalize(event)), 'utf8')
    .digest('hex');
}
