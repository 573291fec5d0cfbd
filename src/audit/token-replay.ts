import type { AuditEntryType, Changes } from '../ledger/audit-chain';
import { AUDITED } from '../ledger/token-changes';

/** What of an entry a token's history is made of. */
export interface ReplayedEntry {
  readonly type: AuditEntryType;
  readonly at: Date;
  readonly actor: string | null;
  readonly changes: Changes;
}

/** What the entries say of one secret; undefined is what none of them told. Times are those of the API. */
export interface ExpectedSecret {
  readonly format: 'native' | 'sha256' | undefined;
  /** Part of the visible prefix of our own values; no entry holds an imported value's digest. */
  readonly lookup_id: string | undefined;
  readonly created_at: string | undefined;
  expires_at: string | null;
  retired_at: string | null;
  former_expires_at: unknown;
}

/** What a token's entries say of its secrets. */
export class SecretReplay {
  /** All that are known, the oldest first. */
  readonly all: ExpectedSecret[] = [];
  private current: ExpectedSecret | null = null;
  private previous: ExpectedSecret | null = null;

  /** Whether the entries tell which secret is the current one. */
  get isCurrentKnown(): boolean {
    return this.current !== null;
  }

  created({ at, changes }: ReplayedEntry): void {
    const isImported = changes.format?.to === 'sha256';
    this.current = this.add({
      format: isImported ? 'sha256' : 'native',
      lookup_id: isImported ? undefined : lookupIdOf(changes.token_prefix?.to),
      created_at: at.toISOString(),
    });
  }

  /** @param formerExpiry the token's expiry before */
  rotated({ at, changes }: ReplayedEntry, formerExpiry: unknown): void {
    const now = at.toISOString();
    const end = endOf(changes, 'to');
    // One whose overlap was over, and which nobody had retired yet.
    if (this.previous) this.previous.retired_at ??= this.previous.expires_at;
    const ended = this.current ?? this.add({});
    ended.expires_at = end;
    ended.retired_at = end !== null && end <= now ? now : null;
    ended.former_expires_at = changes.expires_at?.from ?? formerExpiry;
    this.previous = ended;
    this.current = this.add({
      format: 'native',
      lookup_id: lookupIdOf(changes.token_prefix?.to),
      created_at: now,
    });
  }

  completed({ changes }: ReplayedEntry): void {
    if (this.previous) this.previous.retired_at = endOf(changes, 'to');
    this.previous = null;
  }

  cancelled({ at, changes }: ReplayedEntry): void {
    const now = at.toISOString();
    const ended =
      this.current ??
      this.add({ format: 'native', lookup_id: lookupIdOf(changes.token_prefix?.from) });
    ended.expires_at = now;
    ended.retired_at = now;
    if (this.previous) {
      this.previous.expires_at = null;
      this.previous.former_expires_at = null;
    }
    this.current = this.previous;
    this.previous = null;
  }

  private add(
    known: Partial<Pick<ExpectedSecret, 'format' | 'lookup_id' | 'created_at'>>,
  ): ExpectedSecret {
    const secret: ExpectedSecret = {
      format: known.format,
      lookup_id: known.lookup_id,
      created_at: known.created_at,
      expires_at: null,
      retired_at: null,
      former_expires_at: null,
    };
    this.all.push(secret);
    return secret;
  }
}

/** When the old secret ends, as a rotation's entry says. */
function endOf({ previous_expires_at: end }: Changes, side: 'from' | 'to'): string | null {
  const time = end?.[side];
  return typeof time === 'string' ? time : null;
}

function lookupIdOf(prefix: unknown): string | undefined {
  return typeof prefix === 'string' ? prefix.slice(prefix.indexOf('_') + 1) : undefined;
}

/** Types of entries that only happen to a token which is there and not revoked. */
const ALIVE: ReadonlySet<AuditEntryType> = new Set([
  'scim_token.created',
  'scim_token.updated',
  'scim_token.disabled',
  'scim_token.enabled',
  'scim_token.rotated',
  'scim_token.rotation_completed',
  'scim_token.rotation_cancelled',
  'scim_token.expired',
  'scim_token.failing',
  'scim_token.quiet',
  'scim_token.recovered',
]);

/** What a rotation changes of the token's own row. */
const FACE = ['expires_at', 'token_prefix', 'last_four'] as const;
/** What ends a token. */
const END = ['revoked_at', 'revocation_reason'] as const;
/** What a new token has where its first entry does not say otherwise. */
const UNSAID = {
  description: null,
  expires_at: null,
  allowed_ips_mode: 'enforce',
  auth_method: 'bearer',
  access_token_ttl_seconds: null,
  trust: null,
  provider: null,
  quiet_after_hours: null,
  revoked_at: null,
  revoked_by: null,
  revocation_reason: null,
};

/**
 * What one token's entries say of its row and its secrets, put together entry by entry. Where its first
 * entries were pruned, only what the remaining ones say is known.
 */
export class TokenReplay {
  /** Columns of the token's row, as the API shows them; one that no entry told is not there. */
  readonly fields = new Map<string, unknown>();
  readonly secrets = new SecretReplay();
  /** Whether the token's creation is among the entries. */
  isWhole = false;
  /** Whether an entry proves that the row was there, and none that the token was revoked since. */
  mustExist = false;

  apply(entry: ReplayedEntry): void {
    const { type, at, actor, changes } = entry;
    if (ALIVE.has(type)) this.mustExist = true;
    switch (type) {
      case 'scim_token.created':
        this.isWhole = true;
        this.set(UNSAID);
        this.set({ created_at: at.toISOString(), created_by: actor ?? '' });
        this.take([...AUDITED, 'token_prefix', 'last_four'], changes);
        if (this.fields.get('auth_method') !== 'workload_identity') this.secrets.created(entry);
        break;
      case 'scim_token.updated':
      case 'scim_token.enabled':
      case 'scim_token.disabled':
        this.take(AUDITED, changes);
        break;
      case 'scim_token.rotated':
        this.secrets.rotated(entry, this.fields.get('expires_at'));
        this.take([...FACE, 'provider'], changes);
        break;
      case 'scim_token.rotation_cancelled':
        this.secrets.cancelled(entry);
        this.take(FACE, changes);
        break;
      case 'scim_token.rotation_completed':
        this.secrets.completed(entry);
        break;
      case 'scim_token.revoked':
      case 'scim_token.leaked':
        if (changes.revoked_at) {
          this.set({ revoked_by: actor, revocation_reason: null });
          this.take(END, changes);
          this.mustExist = false;
        }
        break;
      case 'scim_token.expired':
      case 'scim_token.auth_failed':
      case 'scim_token.setup_link_created':
      case 'scim_token.setup_link_opened':
      case 'scim_token.setup_link_completed':
      case 'scim_token.setup_link_revoked':
      case 'scim_token.failing':
      case 'scim_token.quiet':
      case 'scim_token.recovered':
        break;
    }
  }

  private take(names: readonly string[], changes: Changes): void {
    for (const name of names) {
      const change = changes[name];
      if (change) this.fields.set(name, change.to);
    }
  }

  private set(fields: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(fields)) this.fields.set(name, value);
  }
}
