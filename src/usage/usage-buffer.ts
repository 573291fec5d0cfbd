import { HOUR_MS } from '../core/clock';
import { Injectable } from '@nestjs/common';
import { toIpAddress } from '../core/ip-address';
import type {
  FailureHint,
  PresentedClaims,
  RefusalReason,
  ScimTokenRefusedError,
  TokenOwner,
} from '../core/refusal';

/** Where a value was presented. */
export interface Presentation {
  readonly ip?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
}

/** A secret that was used; its token alone, where that was by an access token. */
export interface UsedSecret extends TokenOwner {
  readonly secretId: string | null;
  /** Whether it had never been used when it was read; false as soon as a use is noted. */
  isUnused: boolean;
}

/** The uses of a secret, or of a token alone, that are not written yet. */
export interface Use extends Omit<UsedSecret, 'isUnused'> {
  /** UUID of the secret or of the token. */
  readonly id: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** How often something happened that is not written yet, when it first and last did, and from where last. */
export interface Count {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lastIp: string | null;
}

/** Failures of one kind within one hour that are not written yet. */
export interface FailureCount extends Count {
  /** Whose administrators may know. */
  readonly tenantId: string;
  /** UUID; null where the value is nobody's, or another tenant's. */
  readonly tokenId: string | null;
  readonly reason: RefusalReason;
  readonly hint: FailureHint;
  /** Start of the hour. */
  readonly hour: number;
  /** What a signed assertion last said; left out where none was. */
  readonly claims?: PresentedClaims;
}

/** Requests from elsewhere that a token in report mode let through, and that are not written yet. */
export interface IpReport extends Count, TokenOwner {}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Milliseconds between two writes of the use of one secret or token. */
const WRITE_EVERY_MS = 60_000;
/** Most secrets and tokens, and most kinds of failures, that are kept: beyond them a flood counts for nothing. */
const MAX_USES = 200_000;
const MAX_FAILURES = 10_000;
const USER_AGENT_MAX = 512;

/** Counts of what is alike, up to a bound. */
export class Tally<Item extends Count> {
  private readonly items = new Map<string, Mutable<Item>>();

  constructor(
    private readonly max: number,
    private readonly keyOf: (item: Item) => string,
  ) {}

  /** Kinds that are counted. */
  get size(): number {
    return this.items.size;
  }

  /** Adds to what is counted of this kind; beyond the bound a new kind is passed over. */
  add(item: Item): void {
    const key = this.keyOf(item);
    const known = this.items.get(key);
    if (!known) {
      if (this.items.size < this.max) this.items.set(key, { ...item });
      return;
    }
    const count = known.count + item.count;
    // What the later one leaves out stays as it was last said.
    const [earlier, later] = item.lastAt < known.lastAt ? [item, known] : [known, item];
    const firstAt = Math.min(known.firstAt, item.firstAt);
    this.items.set(key, { ...earlier, ...later, count, firstAt });
  }

  /** Takes everything out; what cannot be written is to be added again. */
  take(): Item[] {
    const items = [...this.items.values()];
    this.items.clear();
    return items;
  }
}

/** Holds uses and failures between two flushes: bounded, in memory, no I/O. */
@Injectable()
export class UsageBuffer {
  /** Failures, for the administrators of one tenant each. */
  readonly failures = new Tally<FailureCount>(
    MAX_FAILURES,
    ({ hour, reason, hint, tokenId, tenantId }) =>
      [hour, reason, hint, tokenId ?? '', tenantId].join(' '),
  );
  /** Requests from elsewhere that were let through. */
  readonly reports = new Tally<IpReport>(MAX_USES, ({ tokenId }) => tokenId);
  private readonly uses = new Map<string, Mutable<Use>>();
  /** Ids of those that are a first one. */
  private readonly firsts = new Set<string>();
  /** When this process last wrote a use, for a minute: little, as there are many. */
  private readonly writtenAt = new Map<string, number>();

  /** Whether all is written. */
  get isEmpty(): boolean {
    return this.uses.size + this.failures.size + this.reports.size === 0;
  }

  /**
   * Notes a use.
   *
   * @returns whether it is a first one, which `takeFirstUses` returns
   */
  use(secret: UsedSecret, at: number, { ip, userAgent }: Presentation): boolean {
    const { secretId, tokenId, tenantId, isUnused } = secret;
    secret.isUnused = false;
    const id = secretId ?? tokenId;
    const known = this.uses.get(id);
    if (known) {
      if (at < known.lastAt) return false;
      known.lastAt = at;
      known.ip = ip ?? null;
      known.userAgent = userAgent ?? null;
      return false;
    }
    if (this.uses.size >= MAX_USES) return false;
    this.uses.set(id, {
      id,
      secretId,
      tokenId,
      tenantId,
      firstAt: at,
      lastAt: at,
      ip: ip ?? null,
      userAgent: userAgent ?? null,
    });
    if (isUnused) this.firsts.add(id);
    return isUnused;
  }

  /** Notes a failure for the administrators of one tenant. */
  fail(
    tenantId: string,
    tokenId: TokenOwner['tokenId'] | null,
    { reason, hint, claims }: Pick<ScimTokenRefusedError, 'reason' | 'hint' | 'claims'>,
    at: number,
    { ip }: Presentation,
  ): void {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    const lastIp = toIpAddress(ip);
    this.failures.add({
      tenantId,
      tokenId,
      reason,
      hint,
      hour,
      count: 1,
      firstAt: at,
      lastAt: at,
      lastIp,
      ...(claims && { claims }),
    });
  }

  /** Notes a request from elsewhere that was let through. */
  letThrough({ tokenId, tenantId }: TokenOwner, at: number, { ip }: Presentation): void {
    const lastIp = toIpAddress(ip);
    this.reports.add({ tokenId, tenantId, count: 1, firstAt: at, lastAt: at, lastIp });
  }

  /**
   * Up to `most` uses whose minute is over, in the order of their ids. They stay in the buffer
   * until they are known to be written.
   *
   * @param all also those whose minute is not over
   */
  dueUses(now: number, most: number, all: boolean): Use[] {
    const isOver = (at: number): boolean => now - at >= WRITE_EVERY_MS || now < at;
    for (const [id, at] of this.writtenAt) if (isOver(at)) this.writtenAt.delete(id);
    const due: Use[] = [];
    for (const use of this.uses.values()) {
      if (!all && this.writtenAt.has(use.id)) continue;
      due.push(storableUse(use));
      if (due.length === most) break;
    }
    return due.sort(byId);
  }

  /** Takes up to `most` first uses, in the order of their ids. They stay in the buffer as all others do. */
  takeFirstUses(most: number): Use[] {
    const taken: Use[] = [];
    for (const id of this.firsts) {
      if (taken.length === most) break;
      this.firsts.delete(id);
      const use = this.uses.get(id);
      if (use) taken.push(storableUse(use));
    }
    return taken.sort(byId);
  }

  /** Marks uses as written; one that was used meanwhile stays pending. */
  wroteUses(written: readonly Use[], now: number): void {
    for (const { id, lastAt } of written) {
      this.writtenAt.set(id, now);
      if (this.uses.get(id)?.lastAt === lastAt) this.uses.delete(id);
    }
  }

  /** Lets the next uses of these tokens be written without waiting for their minute. */
  hurry(uses: readonly Use[], tokenIds: ReadonlySet<string>): void {
    for (const { id, tokenId } of uses) if (tokenIds.has(tokenId)) this.writtenAt.delete(id);
  }

  /** Drops uses of what is no longer there. */
  dropUses(ids: Iterable<string>): void {
    for (const id of ids) this.uses.delete(id);
  }
}

function storableUse(use: Use): Use {
  return { ...use, ip: toIpAddress(use.ip), userAgent: storable(use.userAgent) };
}

function byId(a: Use, b: Use): number {
  return a.id < b.id ? -1 : 1;
}

/** What PostgreSQL can hold of a text from outside. */
function storable(text: string | null): string | null {
  return text?.slice(0, USER_AGENT_MAX).toWellFormed().replaceAll('\0', '') ?? null;
}
