import { isScimScope, SCIM_SCOPES, type ScimScope } from '../core/token';
import { ownerOf, type OAuthClient } from './clients.repository';
import { invalidClient, invalidScope, refused } from './oauth-error';

/** What an access token is good for. */
export interface Grant {
  /** What it may do, in our order. */
  readonly scopes: readonly ScimScope[];
  /** How long it lives: whole seconds, and no longer than its token. */
  readonly seconds: number;
}

/**
 * What a proven client whose token may be used gets.
 *
 * @param asked scopes as they were asked for; undefined for all that the token has
 * @throws OAuthError `invalid_scope`, or `invalid_client` where the token ends within a second
 */
export function grantFor(client: OAuthClient, asked: string | undefined, now: Date): Grant {
  const scopes = grantedScopes(asked, client.scopes);
  if (!scopes) throw invalidScope(ownerOf(client));
  const { access_token_ttl_seconds: most, expires_at: end } = client;
  const left = end === null ? Infinity : Math.floor((end.getTime() - now.getTime()) / 1000);
  const seconds = Math.min(most ?? 0, left);
  if (seconds < 1) throw invalidClient(refused('expired', 'expired', ownerOf(client)));
  return { scopes, seconds };
}

/** A word for all that the token has: what some identity providers send, and others let nobody leave out. */
const ALL = 'scim';

/**
 * What an access token may do, in our order.
 *
 * @param asked words with one space between them, RFC 6749 §3.3; undefined for all of the token's
 * @param scopes the token's
 * @returns null where a word is none of ours, or the token lacks it
 */
export function grantedScopes(
  asked: string | undefined,
  scopes: readonly string[],
): readonly ScimScope[] | null {
  const words = asked === undefined || asked === ALL ? scopes : asked.split(' ');
  const isGranted = words.every((word) => isScimScope(word) && scopes.includes(word));
  return isGranted ? SCIM_SCOPES.filter((scope) => words.includes(scope)) : null;
}
