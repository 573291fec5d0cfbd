import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { TokenOwner } from '../core/refusal';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { SecretState } from './secret-state';

/** When a read began: what it says holds only if nothing was evicted since. */
export interface Reading {
  readonly generation: number;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
}

/** A value that was refused because of what it is, whatever the state of any token. */
export interface RememberedRefusal {
  readonly reason: 'malformed' | 'unknown' | 'mismatch';
  readonly owner: TokenOwner | null;
  /** The hashes that the value did not match; null where there were none to compare. */
  readonly against: string | null;
}

/** Flat: a hundred thousand of them are remembered. */
interface Entry<Value> extends Reading {
  readonly value: Value;
}

/** Most refused values that are remembered: enough for every mistaken connection, little for a flood. */
const MAX_REFUSALS = 10_000;
/** Milliseconds an eviction is remembered at least: longer than any read that began before it. */
const EVICTION_MS = 60_000;
/** Evictions remembered one by one; beyond them everything is forgotten at once. */
const MAX_EVICTIONS = 20_000;

/**
 * What checks remember, by the SHA-256 of the value alone: whichever tenant's route a value was presented
 * at, it is the same token's. A *proof* (this value matches this secret's
 * hash) has no end: whoever uses it compares the hash. A *state* lives for the TTL from the moment its read
 * began, and dies at once when its token is evicted: a generation counter sees to it that a read which
 * began before an eviction is not believed after it.
 */
@Injectable()
export class TokenCache {
  private readonly accepted: LRUCache<string, Entry<SecretState>> | null;
  private readonly refused: LRUCache<string, Entry<RememberedRefusal>> | null;
  private readonly evictions = new Map<string, Reading>();
  /** Lookups that found a state that lives. */
  hits = 0;
  /** Those that did not, and went on. */
  misses = 0;

  private generation = 0;
  private flushed = 0;
  private connected = false;
  /** Milliseconds a state lives; 0: none is used. */
  private readonly ttlMs: number;

  constructor(
    @Inject(ResolvedScimTokensOptions)
    {
      cacheTtlSeconds,
      cacheMax: max,
    }: Pick<ResolvedScimTokensOptions, 'cacheTtlSeconds' | 'cacheMax'>,
  ) {
    this.ttlMs = cacheTtlSeconds * 1000;
    this.accepted = max === 0 ? null : new LRUCache({ max });
    this.refused = max === 0 ? null : new LRUCache({ max: Math.min(max, MAX_REFUSALS) });
  }

  /** Number of values with a proof. */
  get size(): number {
    return this.accepted?.size ?? 0;
  }

  /** Whether states are used at the moment. */
  get isOn(): boolean {
    return this.connected && this.ttlMs > 0;
  }

  /** Called before a read. */
  begin(): Reading {
    return { generation: this.generation, at: performance.now() };
  }

  /** Whether nothing at all was evicted since. */
  isQuietSince({ generation }: Reading): boolean {
    return generation === this.generation;
  }

  /** Whether a read still says what is true of the token: neither it nor everything was evicted since. */
  isCurrent(reading: Reading, tokenId: string): boolean {
    if (this.isQuietSince(reading)) return true;
    const evicted = this.evictions.get(tokenId)?.generation ?? 0;
    return reading.generation >= evicted && reading.generation >= this.flushed;
  }

  /** The state of a value, while it lives. */
  fresh(digest: string): SecretState | null {
    const entry = this.accepted?.get(digest);
    if (entry && this.isFresh(entry, entry.value.tokenId)) {
      this.hits += 1;
      return entry.value;
    }
    return null;
  }

  /** What the value was last proven against, however long ago. */
  proven(digest: string): SecretState | null {
    return this.accepted?.get(digest)?.value ?? null;
  }

  /** Keeps a proof, and with it the state that was read. */
  keep(digest: string, value: SecretState, reading: Reading): void {
    this.accepted?.set(digest, { value, generation: reading.generation, at: reading.at });
  }

  /** Why the value was refused a moment ago. */
  refusal(digest: string): RememberedRefusal | null {
    const entry = this.refused?.get(digest);
    return entry && this.isFresh(entry, entry.value.owner?.tokenId ?? NOBODY) ? entry.value : null;
  }

  /** The hashes that the value was last found not to match, however long ago. */
  disproven(digest: string): string | null {
    return this.refused?.get(digest)?.value.against ?? null;
  }

  /** Keeps a refusal. */
  keepRefusal(digest: string, value: RememberedRefusal, reading: Reading): void {
    this.refused?.set(digest, { value, generation: reading.generation, at: reading.at });
  }

  /** Forgets the state of a token's secrets; of `NOBODY`, the values that were refused as unknown. */
  evict(tokenId: string): void {
    this.generation += 1;
    // Set anew, to stand last: the map is in the order of time.
    this.evictions.delete(tokenId);
    this.evictions.set(tokenId, this.begin());
    const horizon = performance.now() - Math.max(EVICTION_MS, this.ttlMs);
    for (const [id, { at }] of this.evictions) {
      if (at > horizon) break;
      this.evictions.delete(id);
    }
    if (this.evictions.size > MAX_EVICTIONS) this.flush();
  }

  /** Forgets every state. */
  flush(): void {
    this.generation += 1;
    this.flushed = this.generation;
    this.evictions.clear();
  }

  /** Says whether revocations made elsewhere arrive: states are used only then. */
  setConnected(connected: boolean): void {
    if (connected && !this.connected) this.flush();
    this.connected = connected;
  }

  private isFresh(entry: Entry<unknown>, tokenId: string): boolean {
    return this.isOn && performance.now() - entry.at < this.ttlMs && this.isCurrent(entry, tokenId);
  }
}
