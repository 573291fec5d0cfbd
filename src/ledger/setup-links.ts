import type { SetupLinkEventType } from '../core/scim-token-event-listener';
import { SETUP_LINK_COLUMNS, toLinkId, type StoredSetupLink } from '../core/setup-link';
import type { Changes } from './audit-chain';
import type { LedgerTransaction } from './ledger-transaction';

const COLUMNS = SETUP_LINK_COLUMNS.join(', ');

/** A setup link to store. */
export interface NewSetupLink extends StoredSetupLink {
  /** SHA-256 of the whole secret, in hex. */
  readonly value_hash: string;
}

/** What of a link the trail tells when it is made: all that decides what it may do. */
const TOLD = ['lookup_id', 'provider', 'auth_method', 'language', 'return_url', 'bounds'] as const;

/** Stores a new link. */
export async function createSetupLink(
  transaction: LedgerTransaction,
  link: NewSetupLink,
): Promise<void> {
  const columns = [...SETUP_LINK_COLUMNS, 'value_hash'] as const;
  await transaction.insert(transaction.tables.setupLinks, columns, [link]);
  const set = TOLD.filter((field) => link[field] !== null);
  tell(transaction, link, 'scim_token.setup_link_created', {
    ...Object.fromEntries(set.map((field) => [field, { from: null, to: link[field] }])),
    expires_at: { from: null, to: link.expires_at.toISOString() },
  });
}

/** How many of the tenant's links are open or used. */
export async function countSetupLinks(transaction: LedgerTransaction): Promise<number> {
  const [row] = await transaction.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${transaction.tables.setupLinks}
     WHERE tenant_id = $1 AND revoked_at IS NULL AND completed_at IS NULL AND expires_at > $2`,
    [transaction.tenantId, transaction.now],
  );
  return row?.count ?? 0;
}

/** A link of the locked tenant as it is now, whatever its status. */
export async function lockedSetupLink(
  transaction: LedgerTransaction,
  id: string,
): Promise<StoredSetupLink | null> {
  const [row] = await transaction.rows<StoredSetupLink>(
    `SELECT ${COLUMNS} FROM ${transaction.tables.setupLinks} WHERE tenant_id = $1 AND id = $2`,
    [transaction.tenantId, id],
  );
  return row ?? null;
}

/** Notes that a link's page was opened; told the first time. */
export function openSetupLink(transaction: LedgerTransaction, id: string): Promise<void> {
  return markOnce(transaction, id, 'opened_at', 'scim_token.setup_link_opened');
}

/**
 * Notes that a link made a value: of a new token, or a new one of its token. What was seen of the value before
 * no longer counts. The token's own entry tells of it.
 *
 * @param madeTokenId UUID of the token that it made; null for one that it renews
 */
export function useSetupLink(
  transaction: LedgerTransaction,
  id: string,
  madeTokenId: string | null,
): Promise<void> {
  return transaction.changeOne(
    `UPDATE ${transaction.tables.setupLinks}
     SET used_at = coalesce(used_at, $3), value_made_at = $3, connected_at = NULL, synced_at = NULL,
         made_token_id = coalesce($4, made_token_id)
     WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL`,
    [transaction.tenantId, id, transaction.now, madeTokenId],
  );
}

/**
 * Notes how far a link's newest value has come.
 *
 * @param syncedAt null where it was accepted once alone
 */
export async function noteConnection(
  transaction: LedgerTransaction,
  id: string,
  { connectedAt, syncedAt }: { readonly connectedAt: Date; readonly syncedAt: Date | null },
): Promise<void> {
  await transaction.changeOne(
    `UPDATE ${transaction.tables.setupLinks}
     SET connected_at = coalesce(connected_at, $3), synced_at = $4
     WHERE tenant_id = $1 AND id = $2`,
    [transaction.tenantId, id, connectedAt, syncedAt],
  );
  if (syncedAt !== null) await completeSetupLink(transaction, id);
}

/** Notes that a link's connection synced; told the first time. */
export function completeSetupLink(transaction: LedgerTransaction, id: string): Promise<void> {
  return markOnce(transaction, id, 'completed_at', 'scim_token.setup_link_completed');
}

/**
 * Ends links for good, those that are expired or completed, too; what is revoked already stays as it is.
 *
 * @param which their UUIDs, or all that have not ended
 * @param changes what else the trail says of each
 * @returns how many
 */
export async function revokeSetupLinks(
  transaction: LedgerTransaction,
  which: readonly string[] | 'all',
  changes: Changes = {},
): Promise<number> {
  const { tenantId, now, tables } = transaction;
  const revoked = await transaction.rows<StoredSetupLink>(
    `UPDATE ${tables.setupLinks} SET revoked_at = $3, revoked_by = $2
     WHERE tenant_id = $1 AND revoked_at IS NULL
       AND ${which === 'all' ? 'expires_at > $3' : 'id = ANY($4::uuid[])'}
     RETURNING ${COLUMNS}`,
    [tenantId, transaction.actor, now, ...(which === 'all' ? [] : [which])],
  );
  const marked = { revoked_at: { from: null, to: now.toISOString() } };
  for (const link of revoked) {
    tell(transaction, link, 'scim_token.setup_link_revoked', { ...changes, ...marked });
  }
  return revoked.length;
}

async function markOnce(
  transaction: LedgerTransaction,
  id: string,
  column: 'opened_at' | 'completed_at',
  type: SetupLinkEventType,
): Promise<void> {
  const { tenantId, now, tables } = transaction;
  const [link] = await transaction.rows<StoredSetupLink>(
    `UPDATE ${tables.setupLinks} SET ${column} = $3
     WHERE tenant_id = $1 AND id = $2 AND ${column} IS NULL AND revoked_at IS NULL
     RETURNING ${COLUMNS}`,
    [tenantId, id, now],
  );
  if (link) tell(transaction, link, type, { [column]: { from: null, to: now.toISOString() } });
}

function tell(
  transaction: LedgerTransaction,
  link: StoredSetupLink,
  type: SetupLinkEventType,
  changes: Changes,
): void {
  const id = { link_id: { from: null, to: toLinkId(link.id) } };
  transaction.tellOfLink(link, type, { ...id, ...changes });
}
