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

/** One thing that an assertion must say. */
interface ClaimCheck {
  /** The claim; `time` is `exp`, `iat` and `nbf`. */
  readonly name: 'iss' | 'sub' | 'aud' | 'tid' | 'azp' | 'time';
  /** What an administrator is told where it does not. */
  readonly hint: FailureHint;
  readonly holds: (claims: Claims, expected: ExpectedClaims) => boolean;
  /** What it must say, as text; null where anything will do. */
  readonly expects: (expected: ExpectedClaims) => string | null;
}

/**
 * What the claims of an assertion must be, in this order: the one list that the token endpoint and explain walk.
 * Every text is compared as a whole.
 */
export const CLAIM_CHECKS: readonly ClaimCheck[] = [
  {
    name: 'iss',
    hint: 'assertion_issuer',
    holds: ({ iss }, { trust }) => iss === trust.issuer,
    expects: ({ trust }) => trust.issuer,
  },
  {
    name: 'sub',
    hint: 'assertion_subject',
    holds: ({ sub }, { trust }) => sub === trust.subject,
    expects: ({ trust }) => trust.subject,
  },
  {
    name: 'aud',
    hint: 'assertion_audience',
    holds: ({ aud }, { audiences }) => isForUs(aud, audiences),
    expects: ({ audiences }) => audiences.join(' or '),
  },
  {
    name: 'tid',
    hint: 'assertion_tenant',
    holds: ({ tid }, expected) => tenantsOf(expected).every((wanted) => wanted === tid),
    expects: (expected) => tenantsOf(expected).join(' and ') || null,
  },
  {
    name: 'azp',
    hint: 'assertion_party',
    holds: isOfParty,
    expects: ({ trust }) => trust.authorized_party,
  },
  {
    name: 'time',
    hint: 'assertion_time',
    holds: (claims, { now }) => isCurrent(claims, now),
    expects: ({ now }) => `exp within a day of ${instant(now)}; iat, and nbf if any, before it`,
  },
];

/** The first thing that is wrong with an assertion's claims, or null. */
export function wrongClaim(claims: Claims, expected: ExpectedClaims): FailureHint | null {
  return CLAIM_CHECKS.find(({ holds }) => !holds(claims, expected))?.hint ?? null;
}

/** The issuer's, and the one that was entered besides: each must be the assertion's. */
function tenantsOf({ tenant, trust }: ExpectedClaims): string[] {
  return [...new Set([tenant, trust.tenant_id])].filter((wanted) => wanted !== null);
}

/** v2 and v1 of Entra's tokens; one that has both must agree with itself. */
function isOfParty({ azp, appid }: Claims, { trust }: ExpectedClaims): boolean {
  const { authorized_party: pinned } = trust;
  const parties = [azp, appid].filter((party) => party !== undefined);
  return pinned === null || (parties.length > 0 && parties.every((party) => party === pinned));
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

/** What an assertion, signed or not, says to a check; null where it says nothing that is shown. */
export function presentedTo({ name }: Pick<ClaimCheck, 'name'>, claims: Claims): string | null {
  if (name !== 'time') return presentedClaims(claims)[name];
  const { iat, nbf, exp } = claims;
  return `iat ${instant(iat)}, nbf ${instant(nbf)}, exp ${instant(exp)}`;
}

/** A text as it is, a list of texts as JSON; nothing that a database or a terminal would stumble over. */
function shown(claim: unknown): string | null {
  const isList = Array.isArray(claim) && claim.every((item) => typeof item === 'string');
  const text = isList ? JSON.stringify(claim) : claim;
  if (typeof text !== 'string') return null;
  return text.slice(0, SHOWN).toWellFormed().replace(/\p{C}/gu, '\u{fffd}');
}

/** A claim in seconds since 1970 as people read it. */
function instant(seconds: unknown): string {
  if (typeof seconds !== 'number') return seconds === undefined ? 'missing' : 'no time';
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? 'no time' : time.toISOString();
}
