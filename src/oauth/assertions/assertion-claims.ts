import type { FailureHint, PresentedClaims } from '../../core/refusal';
import { isAccepted, type StoredTrust } from '../../core/trust';

/** Seconds by which clocks may differ. */
const SKEW = 60;
/** Seconds that an assertion may be valid for: Entra's longest. */
const LONGEST = 24 * 3600;
/** Characters of a claim that are shown. */
const SHOWN = 512;

type Claims = Readonly<Record<string, unknown>>;

/** What the claims of an assertion must be. */
export interface ExpectedClaims {
  readonly trust: StoredTrust;
  /** Any of them. */
  readonly audiences: readonly string[];
  /** GUID of the issuer's tenant; null where the issuer has none. */
  readonly tenant: string | null;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The first thing that is wrong with an assertion's claims, or null. Every text is compared as a whole. */
export function wrongClaim(claims: Claims, expected: ExpectedClaims): FailureHint | null {
  const { trust, audiences, tenant, now } = expected;
  const { iss, sub, tid, azp, appid } = claims;
  if (iss !== trust.issuer) return 'assertion_issuer';
  if (sub !== trust.subject) return 'assertion_subject';
  if (!isForUs(claims.aud, audiences)) return 'assertion_audience';
  const tenants = [tenant, trust.tenant_id].filter((wanted) => wanted !== null);
  if (tenants.some((wanted) => wanted !== tid)) return 'assertion_tenant';
  // v2 and v1 of Entra's tokens; one that has both must agree with itself.
  const parties = [azp, appid].filter((party) => party !== undefined);
  const { authorized_party: pinned } = trust;
  if (pinned !== null && (parties.length === 0 || parties.some((party) => party !== pinned))) {
    return 'assertion_party';
  }
  return isCurrent(claims, now) ? null : 'assertion_time';
}

/** One audience alone: with more there are more who could use it elsewhere. */
function isForUs(aud: unknown, audiences: readonly string[]): boolean {
  const listed: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const [audience] = listed;
  return typeof audience === 'string' && listed.length === 1 && isAccepted(audience, audiences);
}

function isCurrent({ exp, iat, nbf }: Claims, now: number): boolean {
  const isPast = (time: unknown): boolean => typeof time === 'number' && time <= now + SKEW;
  return (
    typeof exp === 'number' &&
    exp >= now - SKEW &&
    exp <= now + LONGEST + SKEW &&
    isPast(iat) &&
    (nbf === undefined || isPast(nbf))
  );
}

/** What a signed assertion said, as far as administrators compare it with what they entered. */
export function presentedClaims({ iss, sub, aud, tid, azp, appid }: Claims): PresentedClaims {
  return {
    iss: shown(iss),
    sub: shown(sub),
    aud: shown(aud),
    tid: shown(tid),
    azp: shown(azp ?? appid),
  };
}

/** A text as it is, a list of texts as JSON; nothing that a database or a terminal would stumble over. */
function shown(claim: unknown): string | null {
  const isList = Array.isArray(claim) && claim.every((item) => typeof item === 'string');
  const text = isList ? JSON.stringify(claim) : claim;
  if (typeof text !== 'string') return null;
  return text.slice(0, SHOWN).toWellFormed().replace(/\p{C}/gu, '\u{fffd}');
}
