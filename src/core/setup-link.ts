import { HOUR_MS } from './clock';
import { toId, type AuthMethod, type ScimScope } from './token';

/** What a token that a setup link makes gets; null where a new token's default holds. */
export interface SetupLinkBounds {
  readonly name: string | null;
  readonly scopes: readonly ScimScope[] | null;
  readonly allowed_ips: readonly string[] | null;
  readonly expires_in_days: number | null;
}

/** A row of the setup links' table; the hash of its secret is never read into it. */
export interface StoredSetupLink {
  readonly id: string;
  readonly tenant_id: string;
  /** Where its secret is found; not secret. */
  readonly lookup_id: string;
  /** Null where whoever opens it chooses. */
  readonly provider: string | null;
  readonly auth_method: AuthMethod | null;
  /** UUID of the token that it renews; null where it makes one. */
  readonly token_id: string | null;
  readonly bounds: SetupLinkBounds;
  readonly language: string | null;
  readonly return_url: string | null;
  readonly expires_at: Date;
  readonly created_at: Date;
  readonly created_by: string;
  readonly opened_at: Date | null;
  /** When it first made a value. */
  readonly used_at: Date | null;
  /** When its connection first synced. */
  readonly completed_at: Date | null;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  /** UUID of the token that it made. */
  readonly made_token_id: string | null;
  /** When its newest value was made, first accepted, and accepted again. */
  readonly value_made_at: Date | null;
  readonly connected_at: Date | null;
  readonly synced_at: Date | null;
}

/** Each of them, or it does not compile. */
const COLUMNS: Readonly<Record<keyof StoredSetupLink, true>> = {
  id: true,
  tenant_id: true,
  lookup_id: true,
  provider: true,
  auth_method: true,
  token_id: true,
  bounds: true,
  language: true,
  return_url: true,
  expires_at: true,
  created_at: true,
  created_by: true,
  opened_at: true,
  used_at: true,
  completed_at: true,
  revoked_at: true,
  revoked_by: true,
  made_token_id: true,
  value_made_at: true,
  connected_at: true,
  synced_at: true,
};

/** Columns of a {@link StoredSetupLink}. */
export const SETUP_LINK_COLUMNS = Object.keys(COLUMNS) as readonly (keyof StoredSetupLink)[];

/** What a link that was just made has without anyone's saying so. */
export const UNOPENED = {
  opened_at: null,
  used_at: null,
  completed_at: null,
  revoked_at: null,
  revoked_by: null,
  made_token_id: null,
  value_made_at: null,
  connected_at: null,
  synced_at: null,
} as const satisfies Partial<StoredSetupLink>;

/** The states of a link, as derived from its row and the time. */
export const SETUP_LINK_STATUSES = ['open', 'used', 'completed', 'expired', 'revoked'] as const;

/** One of {@link SETUP_LINK_STATUSES}. */
export type SetupLinkStatus = (typeof SETUP_LINK_STATUSES)[number];

/** Hours that a link still works once its connection has synced. */
const HOURS_AFTER_SYNC = 24;

type Life = Pick<StoredSetupLink, 'revoked_at' | 'completed_at' | 'expires_at' | 'used_at'>;

/** Derives the status as of `now`: revoked, then completed, then expired, then used, then open. */
export function statusOf(link: Life, now: Date): SetupLinkStatus {
  if (link.revoked_at !== null) return 'revoked';
  if (link.completed_at !== null) return 'completed';
  if (link.expires_at <= now) return 'expired';
  return link.used_at === null ? 'open' : 'used';
}

/** Whether a link works no more: revoked, expired, or a day after its connection synced. */
export function hasEnded(link: Omit<Life, 'used_at'>, now: Date): boolean {
  const { revoked_at, completed_at, expires_at } = link;
  const lastHours = HOURS_AFTER_SYNC * HOUR_MS;
  const isDone = completed_at !== null && completed_at.getTime() + lastHours <= now.getTime();
  return revoked_at !== null || expires_at <= now || isDone;
}

/** UUID of the token that a link renews or made; null where it has made none yet. */
export function tokenOf(link: Pick<StoredSetupLink, 'token_id' | 'made_token_id'>): string | null {
  return link.token_id ?? link.made_token_id;
}

/** A link's UUID as the API shows it: `sul_` and 32 hex digits. */
export function toLinkId(uuid: string): string {
  return toId('sul', uuid);
}

/** Who the trail names for what the holder of a link did. */
export function setupActor({ id }: Pick<StoredSetupLink, 'id'>): string {
  return `setup:${toLinkId(id)}`;
}
