import type { RequestContext } from '../core/request-context';
import type { TenantTransaction } from './tenant-transaction';
import type { AuditEventType, Changes } from './audit-chain';

/** Records what an administrator's request did to a token. */
export function recordBy(
  transaction: TenantTransaction,
  { actor, ip, userAgent, requestId }: RequestContext,
  type: AuditEventType,
  { id }: { readonly id: string },
  at: Date,
  changes: Changes,
): void {
  transaction.record({ type, tokenId: id, at, actor, ip, userAgent, requestId, changes });
}

/** Records what happened to a token, or to nobody's value, without anybody asking for it. */
export function recordUnasked(
  transaction: TenantTransaction,
  type: AuditEventType,
  tokenId: string | null,
  at: Date,
  changes: Changes,
): void {
  const nobody = { actor: null, ip: null, userAgent: null, requestId: null };
  transaction.record({ type, tokenId, at, ...nobody, changes });
}
