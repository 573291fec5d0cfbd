import { toEventId, toTokenId } from '../core/token-id';
import type { AuditEventType, Changes } from './audit-chain';

/** A row of the events table. */
export interface AuditEventRow {
  readonly id: string;
  /** A bigint, which the driver hands on as text. */
  readonly seq: string;
  readonly tenant_id: string;
  readonly token_id: string | null;
  readonly type: AuditEventType;
  readonly actor: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly at: Date;
  readonly changes: Changes;
  readonly prev_hash: string;
  readonly hash: string;
}

/** Columns of an {@link AuditEventRow}. */
export const AUDIT_EVENT_COLUMNS =
  'id, seq, tenant_id, token_id, type, actor, ip, user_agent, request_id, at, changes, prev_hash, hash';

/** What of an event is hashed: every member but the hashes, as the API writes them. */
export function hashedMembers(row: AuditEventRow) {
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
