import type { StoredSetupLink } from '../../core/setup-link';

/** How far the newest value of a link is. */
export const CHECK_STATES = ['not_started', 'waiting', 'failing', 'connected', 'synced'] as const;

/** One of {@link CHECK_STATES}. */
export type CheckState = (typeof CHECK_STATES)[number];

/** What is known of the newest value's uses. */
export interface SeenUses {
  readonly first_at: Date | null;
  /** When it was accepted again, long enough after the first time. */
  readonly synced_at: Date | null;
}

/** Milliseconds until it is worth asking again: few where a person waits for what the provider does. */
const ASK_AGAIN_MS: Readonly<Record<CheckState, number>> = {
  not_started: 10_000,
  waiting: 3_000,
  failing: 3_000,
  connected: 3_000,
  synced: 60_000,
};

/**
 * Works out the state: once a value was accepted it stays so, whatever is refused later.
 *
 * @param refusedAt when the first request was refused since the value was made
 */
export function checkState(
  link: Pick<StoredSetupLink, 'value_made_at' | 'connected_at' | 'synced_at'>,
  seen: SeenUses,
  refusedAt: Date | null,
): { readonly state: CheckState; readonly since: Date | null } {
  if (link.value_made_at === null) return { state: 'not_started', since: null };
  const syncedAt = link.synced_at ?? seen.synced_at;
  if (syncedAt !== null) return { state: 'synced', since: syncedAt };
  const connectedAt = link.connected_at ?? seen.first_at;
  if (connectedAt !== null) return { state: 'connected', since: connectedAt };
  if (refusedAt !== null) return { state: 'failing', since: refusedAt };
  return { state: 'waiting', since: link.value_made_at };
}

/** When to ask again. */
export function nextLookAt(state: CheckState, now: Date): Date {
  return new Date(now.getTime() + ASK_AGAIN_MS[state]);
}
