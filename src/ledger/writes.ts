import type { Health } from '../core/health';
import type { SetupLinkEvent, TokenEventType, TokenEvent } from '../core/scim-token-event-listener';
import type { StoredToken } from '../core/token';
import type { SecretMac } from '../secrets/secret-hasher';
import type { AuditChain, AuditEntryType, Changes } from './audit-chain';
import type { AUDITED, FACE } from './token-changes';

/** A secret to store: its public parts and its hashes, never the value. */
export interface NewSecret extends SecretMac {
  readonly format: 'native' | 'sha256';
  readonly lookupId: string;
  /** bcrypt of a native value's random part; null for an imported one. */
  readonly secretHash: string | null;
  readonly lastFour: string | null;
}

/** A token to store, with its first secret; null where its holder proves itself without one of ours. */
export interface NewToken {
  readonly token: StoredToken;
  readonly secret: NewSecret | null;
}

/** Columns that a write may change; `version` and `updated_at` follow by themselves. */
export type TokenPatch = Partial<
  Pick<
    StoredToken,
    Exclude<(typeof AUDITED)[number], 'auth_method'> | (typeof FACE)[number] | 'rotation_ends_at'
  >
>;

/** What is told of a token that a write changed, besides the fields that it changed. */
export interface ToldOfChange {
  readonly entry: AuditEntryType;
  /** The event, for whoever listens outside. */
  readonly event: TokenEventType;
  readonly changes?: Changes;
}

/** What is told of a token. */
export interface Told extends Omit<ToldOfChange, 'entry'> {
  /** Null where the trail does not tell of it. */
  readonly entry: AuditEntryType | null;
  /** Of the value that it is about, where that need not be the token's current one. */
  readonly lastFour?: string;
  /** Whole days until the expiry, begun ones counted, where that is what it is about. */
  readonly daysLeft?: number;
  /** How the connection is now, where that is what it is about. */
  readonly health?: Health;
}

/** What a transaction leaves behind when it commits, besides its rows. */
export class Consequences {
  readonly events: (TokenEvent | SetupLinkEvent)[] = [];
  /** Change of the number of the tenant's tokens that are not revoked. */
  listed = 0;

  /** @param evicted tokens of which checks remember what may no longer be true */
  constructor(
    readonly chain: AuditChain,
    readonly evicted: Set<string>,
  ) {}
}
