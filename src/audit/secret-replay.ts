import type { AuditEntryType, Changes } from '../ledger/audit-chain';

/** What of an event a token's history is made of. */
export interface ReplayedEvent {
  readonly type: AuditEntryType;
  readonly at: Date;
  readonly actor: string | null;
  readonly changes: Changes;
}

/** What the events say of one secret; undefined is what none of them told. Times are those of the API. */
export interface ExpectedSecret {
  readonly format: 'native' | 'sha256' | undefined;
  /** Part of the visible prefix of our own values; no event holds an imported value's digest. */
  readonly lookup_id: string | undefined;
  readonly created_at: string | undefined;
  expires_at: string | null;
  retired_at: string | null;
  former_expires_at: unknown;
}

/** What a token's events say of its secrets. */
export class SecretReplay {
  /** All that are known, the oldest first. */
  readonly all: ExpectedSecret[] = [];
  private current: ExpectedSecret | null = null;
  private previous: ExpectedSecret | null = null;

  /** Whether the events tell which secret is the current one. */
  get isCurrentKnown(): boolean {
    return this.current !== null;
  }

  created({ at, changes }: ReplayedEvent): void {
    const isImported = changes.format?.to === 'sha256';
    this.current = this.add({
      format: isImported ? 'sha256' : 'native',
      lookup_id: isImported ? undefined : lookupIdOf(changes.token_prefix?.to),
      created_at: at.toISOString(),
    });
  }

  /** @param formerExpiry the token's expiry before */
  rotated({ at, changes }: ReplayedEvent, formerExpiry: unknown): void {
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

  completed({ changes }: ReplayedEvent): void {
    if (this.previous) this.previous.retired_at = endOf(changes, 'to');
    this.previous = null;
  }

  cancelled({ at, changes }: ReplayedEvent): void {
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

/** When the old secret ends, as a rotation's event says. */
function endOf({ previous_expires_at: end }: Changes, side: 'from' | 'to'): string | null {
  const time = end?.[side];
  return typeof time === 'string' ? time : null;
}

function lookupIdOf(prefix: unknown): string | undefined {
  return typeof prefix === 'string' ? prefix.slice(prefix.indexOf('_') + 1) : undefined;
}
