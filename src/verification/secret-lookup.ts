import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceUnavailableError } from '../core/errors';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import {
  digestOfValue,
  hasDigest,
  looksLikeAccessToken,
  parseSecret,
  type ParsedSecret,
} from '../secrets/scim-token.secret';
import { SecretHasher } from '../secrets/secret-hasher';
import { ImportedSecrets } from './imported-secrets';
import { MacImprover } from './mac-improver';
import {
  hintOfMalformed,
  ScimTokenRefusedError,
  type FailureHint,
  type TokenOwner,
} from '../core/refusal';
import type { SecretState, StoredSecret } from './secret-state';
import { tenantOf, type TenantChoice } from './tenant-choice';
import { TokenCache, type Reading } from './token-cache';
import { VerificationRepository } from './verification.repository';

/** Longest text that is looked up; no value of ours or anyone's is longer. */
const VALUE_MAX = 1024;
/** Reads of one value that evictions may overtake before its caller is told to come back. */
const MAX_READS = 5;

/** A first check that is under way, for whoever presents the same value meanwhile. */
interface Flight {
  readonly reading: Reading;
  readonly result: Promise<SecretState>;
}

/**
 * Finds whose a value is: proves it against the stored hashes and returns the secret's and the token's
 * state. Whether that state lets it pass is for the caller to judge.
 */
@Injectable()
export class SecretLookup {
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly cache: TokenCache,
    private readonly repository: VerificationRepository,
    private readonly hasher: SecretHasher,
    private readonly imported: ImportedSecrets,
    private readonly macs: MacImprover,
    @Inject(ResolvedScimTokensOptions)
    private readonly options: Pick<ResolvedScimTokensOptions, 'prefix'>,
  ) {}

  /**
   * @param choice where the value is looked for first; one that belongs elsewhere is found all the same
   * @returns the state; not a promise where it is remembered
   * @throws ScimTokenRefusedError `malformed`, `unknown` or `mismatch`
   * @throws ServiceUnavailableError where too many bcrypts wait; and whatever the database throws
   */
  find(value: string, choice: TenantChoice): SecretState | Promise<SecretState> {
    if (value.length > VALUE_MAX) throw this.refused(value, 'malformed', null);
    const digest = digestOf(value);
    return this.cache.fresh(digest) ?? this.look(value, digest, choice);
  }

  /** The state of a value where it is remembered; one that is not counts as a miss once it is looked for. */
  remembered(value: string): SecretState | null {
    return value.length > VALUE_MAX ? null : this.cache.fresh(digestOf(value));
  }

  /** The same from the database, whatever is remembered of the token's state. */
  async findAnew(value: string, choice: TenantChoice): Promise<SecretState> {
    if (value.length > VALUE_MAX) throw this.refused(value, 'malformed', null);
    return this.readAny(value, digestOf(value), choice);
  }

  /** How a value is refused that is nobody's, which is how another's is to be told of where it must not be known. */
  refusalOfNobodys(value: string): ScimTokenRefusedError {
    return this.refused(value, reasonOfNobodys(parseSecret(value)), null);
  }

  private look(value: string, digest: string, choice: TenantChoice): Promise<SecretState> {
    this.cache.misses += 1;
    const refusal = this.cache.refusal(digest);
    if (refusal) throw this.refused(value, refusal.reason, refusal.owner);
    const flight = this.flights.get(digest);
    // Whoever comes after an eviction must not be told what was read before it.
    if (flight && this.cache.isQuietSince(flight.reading)) return flight.result;
    const started = { reading: this.cache.begin(), result: this.readAny(value, digest, choice) };
    this.flights.set(digest, started);
    const landed = (): void => {
      if (this.flights.get(digest) === started) this.flights.delete(digest);
    };
    started.result.then(landed, landed);
    return started.result;
  }

  /** A value of our own form is looked up by its lookup id; another one by its digest, if it may be known. */
  private readAny(value: string, digest: string, choice: TenantChoice): Promise<SecretState> {
    const secret = parseSecret(value);
    const read = (): Promise<SecretState> => this.read(value, secret, digest, tenantOf(choice));
    return secret ? read() : this.requireImportable(value).then(read);
  }

  private async requireImportable(value: string): Promise<void> {
    if (!(await this.imported.mayHold(value))) throw this.refused(value, 'malformed', null);
  }

  private async read(
    value: string,
    secret: ParsedSecret | null,
    digest: string,
    tenantId: string | null,
  ): Promise<SecretState> {
    let proven = this.cache.proven(digest);
    for (let reads = 0; reads < MAX_READS; reads++) {
      const reading = this.cache.begin();
      const stored = await this.stored(value, secret, tenantId);
      if (!stored) {
        const reason = reasonOfNobodys(secret);
        this.cache.keepRefusal(digest, { reason, owner: null, against: null }, reading);
        throw this.refused(value, reason, null);
      }
      const { state } = stored;
      if (!isSameSecret(proven, state)) {
        const against = [state.hashDigest, stored.mac.secretMac, stored.visiblePrefix].join();
        const isDisproven = this.cache.disproven(digest) === against;
        if (isDisproven || !(await this.proves(value, secret, stored))) {
          const { tokenId, tenantId } = state;
          const owner = { tokenId, tenantId };
          this.cache.keepRefusal(digest, { reason: 'mismatch', owner, against }, reading);
          throw new ScimTokenRefusedError('mismatch', 'mismatch', owner);
        }
        proven = state;
      }
      this.improveMac(value, stored);
      this.cache.keep(digest, state, reading);
      if (this.cache.isCurrent(reading, state.tokenId)) return state;
    }
    throw new ServiceUnavailableError();
  }

  /** Where its prefix says first, and then among the others: of which kind it is, its row says. */
  private async stored(
    value: string,
    secret: ParsedSecret | null,
    tenantId: string | null,
  ): Promise<StoredSecret | null> {
    if (!secret) return this.storedSecret(value, secret, tenantId);
    const { lookupId } = secret;
    const isLikely = looksLikeAccessToken(value, this.options.prefix);
    const near = isLikely ? await this.repository.findAccessToken(lookupId, tenantId) : null;
    if (near) return near;
    const found = await this.storedSecret(value, secret, tenantId);
    if (found && !found.isImported) return found;
    const isLookedFor = isLikely && tenantId === null;
    return (isLookedFor ? null : await this.repository.findAccessToken(lookupId, null)) ?? found;
  }

  /**
   * Within the tenant first, which is one row of one shard; what is not there is looked for in all, for the
   * reason of its refusal. A value of our own form that was imported is looked for there, too: whosever native
   * secret it is, it is that one's.
   */
  private async storedSecret(
    value: string,
    secret: ParsedSecret | null,
    tenantId: string | null,
  ): Promise<StoredSecret | null> {
    const isKnown = this.imported.isKnown(value);
    const ids = [...(secret ? [secret.lookupId] : []), ...(isKnown ? [digestOfValue(value)] : [])];
    const near = tenantId === null ? null : await this.repository.find(ids, tenantId);
    if (near && !(secret && near.isImported)) return near;
    const found = await this.repository.find(ids, null);
    if (found || isKnown || !(await this.imported.mayHold(value))) return found;
    return this.repository.find([digestOfValue(value)], null);
  }

  private proves(
    value: string,
    secret: ParsedSecret | null,
    { secretHash, mac, visiblePrefix, isImported, valueHash }: StoredSecret,
  ): boolean | Promise<boolean> {
    if (valueHash !== null) return hasDigest(value, valueHash);
    // Found by its digest: whether that is the one that was imported, a MAC tells where there is one.
    if (isImported) return this.hasher.macDecides(digestOfValue(value), mac) ?? true;
    // bcrypt knows the random part alone: under another prefix it is not the value that was minted.
    if (secret?.visiblePrefix !== visiblePrefix) return false;
    return this.hasher.matches(secret, { secretHash, ...mac });
  }

  private improveMac(value: string, { state, mac, isImported }: StoredSecret): void {
    const { tenantId, secretId } = state;
    if (secretId === null) return;
    this.macs.improve({ tenantId, secretId }, isImported ? digestOfValue(value) : value, mac);
  }

  private refused(
    value: string,
    reason: 'malformed' | 'unknown' | 'mismatch',
    owner: TokenOwner | null,
  ): ScimTokenRefusedError {
    return new ScimTokenRefusedError(reason, this.hintOf(value, reason), owner);
  }

  private hintOf(value: string, reason: 'malformed' | 'unknown' | 'mismatch'): FailureHint {
    if (reason === 'malformed') return hintOfMalformed(value);
    const isGone = reason === 'unknown' && looksLikeAccessToken(value, this.options.prefix);
    return isGone ? 'access_token_ended' : reason;
  }
}

/** Of another form than ours it would have to be an imported one. */
function reasonOfNobodys(secret: ParsedSecret | null): 'malformed' | 'unknown' {
  return secret ? 'unknown' : 'malformed';
}

/** One character a byte: the shortest there is, as a hundred thousand are remembered. */
function digestOf(value: string): string {
  return hash('sha256', value, 'binary');
}

/** A proof holds while the row's hash of record is the one it was made against. */
function isSameSecret(proven: SecretState | null, state: SecretState): boolean {
  return (
    proven !== null && proven.secretId === state.secretId && proven.hashDigest === state.hashDigest
  );
}
