import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ServiceUnavailableError } from '../../common/errors';
import { parseSecret, type ParsedSecret } from '../secret/scim-token.secret';
import type { SecretHasher } from '../secret/secret-hasher';
import { hintOfMalformed } from './bearer-value';
import { ScimTokenRefusedError } from './refusal';
import type { SecretState, StoredSecret } from './secret-state';
import type { Reading, VerificationMemory } from './verification-memory';
import type { VerificationRepository } from './verification.repository';

/** Longest text that is looked at; no value of ours or anyone's is longer. */
const VALUE_MAX = 1024;
/** Reads of one value that evictions may overtake before its caller is told to come back. */
const MAX_READS = 5;
/** Milliseconds between two improvements of one secret's MAC, and how many secrets that is known of. */
const IMPROVE_EVERY_MS = 60_000;
const MAX_IMPROVED = 10_000;

/** A first check that is under way, for whoever presents the same value meanwhile. */
interface Flight {
  readonly reading: Reading;
  readonly result: Promise<SecretState>;
}

/**
 * Finds whose a value is: proves it against the stored hashes and answers the secret's and the token's
 * state. Whether that state lets it pass is for the caller to judge.
 */
export class SecretLookup {
  private readonly flights = new Map<string, Flight>();
  private readonly improved = new LRUCache<string, true>({
    max: MAX_IMPROVED,
    ttl: IMPROVE_EVERY_MS,
  });

  constructor(
    private readonly memory: VerificationMemory,
    private readonly repository: VerificationRepository,
    private readonly hasher: SecretHasher,
  ) {}

  /**
   * @returns the state; not a promise where it is remembered
   * @throws ScimTokenRefusedError `malformed`, `unknown` or `mismatch`
   * @throws ServiceUnavailableError where too many bcrypts wait; and whatever the database throws
   */
  find(value: string): SecretState | Promise<SecretState> {
    if (value.length > VALUE_MAX) throw new ScimTokenRefusedError('malformed');
    const digest = hash('sha256', value, 'base64');
    return this.memory.fresh(digest) ?? this.look(value, digest);
  }

  /** The same from the database, whatever is remembered of the token's state. */
  findAnew(value: string): Promise<SecretState> {
    if (value.length > VALUE_MAX) throw new ScimTokenRefusedError('malformed');
    return this.read(parsed(value), hash('sha256', value, 'base64'));
  }

  private look(value: string, digest: string): Promise<SecretState> {
    const secret = parsed(value);
    const refusal = this.memory.refusal(digest);
    if (refusal) throw new ScimTokenRefusedError(refusal.reason, refusal.reason, refusal.owner);
    const flight = this.flights.get(digest);
    // Whoever comes after an eviction must not be told what was read before it.
    if (flight && this.memory.isQuietSince(flight.reading)) return flight.result;
    const started = { reading: this.memory.begin(), result: this.read(secret, digest) };
    this.flights.set(digest, started);
    const landed = (): void => {
      if (this.flights.get(digest) === started) this.flights.delete(digest);
    };
    started.result.then(landed, landed);
    return started.result;
  }

  private async read(secret: ParsedSecret, digest: string): Promise<SecretState> {
    let proven = this.memory.proven(digest);
    for (let reads = 0; reads < MAX_READS; reads++) {
      const reading = this.memory.begin();
      const stored = await this.repository.find(secret.lookupId);
      if (!stored) {
        this.memory.keepRefusal(digest, { reason: 'unknown', owner: null }, reading);
        throw new ScimTokenRefusedError('unknown');
      }
      const { state, mac } = stored;
      if (!isSameSecret(proven, state)) {
        if (!(await this.hasher.matches(secret, { secretHash: state.secretHash, ...mac }))) {
          const { tokenId, tenantId } = state;
          const owner = { tokenId, tenantId };
          this.memory.keepRefusal(digest, { reason: 'mismatch', owner }, reading);
          throw new ScimTokenRefusedError('mismatch', 'mismatch', owner);
        }
        proven = state;
      }
      this.improveMac(secret.value, stored);
      this.memory.keep(digest, state, reading);
      if (this.memory.isCurrent(reading, state.tokenId)) return state;
    }
    throw new ServiceUnavailableError();
  }

  /**
   * Behind the request; where it fails, a later read tries again. Now and then, not once: while peppers are
   * swapped one instance after the other, those still to come turn the MAC back.
   */
  private improveMac(value: string, { state, mac }: StoredSecret): void {
    const better = this.hasher.betterMac(value, mac);
    if (!better || this.improved.has(state.secretId)) return;
    this.improved.set(state.secretId, true);
    this.repository.replaceMac(state.secretId, mac, better).catch(() => undefined);
  }
}

function parsed(value: string): ParsedSecret {
  const secret = parseSecret(value);
  if (!secret) throw new ScimTokenRefusedError('malformed', hintOfMalformed(value));
  return secret;
}

/** A proof holds while the row's hash of record is the one it was made against. */
function isSameSecret(proven: SecretState | null, state: SecretState): boolean {
  return (
    proven !== null && proven.secretId === state.secretId && proven.secretHash === state.secretHash
  );
}
