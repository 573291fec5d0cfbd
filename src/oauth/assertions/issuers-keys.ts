import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { HOUR_MS } from '../../core/clock';
import { TrustedIssuers } from '../../core/trusted-issuers';
import { algorithmsOfPublicKey } from '../../jwks/public-key';
import { RemoteJwks } from '../../jwks/remote-jwks';
import { isAlgorithm, type AssertionAlgorithm } from './assertion';

/** Most JWK sets that are kept, some 20 kB each; beyond them the one that was longest not used is read again. */
const MAX_SETS = 5_000;
const MAX_BYTES = 256 * 1024;
const REFRESH_AFTER_MS = 24 * HOUR_MS;
const MAX_STALE_MS = 48 * HOUR_MS;
/** Longest RSA modulus in bits: what a check of a signature costs grows with its square. */
const RSA_MAX_BITS = 4096;

/** The JWK sets of the issuers that are trusted, one a URL, whichever tenants' connections share it. */
@Injectable()
export class IssuersKeys {
  private readonly sets = new LRUCache<string, RemoteJwks>({ max: MAX_SETS });

  constructor(private readonly issuers: TrustedIssuers) {}

  /** An issuer's set, which is read once a key of it is asked for; null where the issuer is not trusted. */
  of(issuer: string): RemoteJwks | null {
    const uri = this.issuers.jwksUriOf(issuer);
    if (uri === null) return null;
    const set = this.sets.get(uri) ?? setAt(uri);
    this.sets.set(uri, set);
    return set;
  }

  /** An issuer's set where it is kept already, or null. */
  keptOf(issuer: string): RemoteJwks | null {
    const uri = this.issuers.jwksUriOf(issuer);
    return uri === null ? null : (this.sets.get(uri) ?? null);
  }
}

function setAt(uri: string): RemoteJwks {
  return new RemoteJwks({
    url: new URL(uri),
    name: `The JWK set ${uri}`,
    maxBytes: MAX_BYTES,
    algorithmsOf,
    refreshAfterMs: REFRESH_AFTER_MS,
    maxStaleMs: MAX_STALE_MS,
  });
}

/** RSA of 2048 to 4096 bits, or P-256. */
function algorithmsOf(key: KeyObject): readonly AssertionAlgorithm[] {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return modulusLength > RSA_MAX_BITS ? [] : algorithmsOfPublicKey(key).filter(isAlgorithm);
}
