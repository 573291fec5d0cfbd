import { HttpException, type Logger } from '@nestjs/common';
import { LogEntry } from './log-entry';

/** Why a token is refused; the caller of a SCIM route is told nothing of it. */
export const REFUSAL_REASONS = [
  'malformed',
  'unknown',
  'mismatch',
  'expired',
  'disabled',
  'revoked',
  'tenant_mismatch',
  'ip_not_allowed',
  'insufficient_scope',
] as const;

/** One of {@link REFUSAL_REASONS}. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What administrators really get wrong, as endpoint-info tells them. */
export const FAILURE_HINTS = {
  missing: 'The request carried no token. Enter the token in the identity provider.',
  no_bearer:
    'The Authorization header does not start with "Bearer ". Choose bearer token (HTTP header) as the method, or write "Bearer " before the value.',
  doubled_bearer:
    'The header says "Bearer Bearer". The provider adds "Bearer " by itself: enter the value alone.',
  quoted: 'The value is in quotes. Enter it without them.',
  white_space: 'There is white space around or inside the value. Paste it again, as one line.',
  foreign_jwt:
    'The identity provider sent a JWT of its own. Entra does so while "Secret Token" is empty: enter the token there.',
  ambiguous_path:
    'The path of the request has an empty or dot segment, or an encoded "/", "\\", ";" or "%". Check the base URL in the identity provider.',
  malformed: 'The value is none of ours. It may be cut off or mistyped: paste it again, whole.',
  unknown:
    'The value has the right form, but no such token exists here. Check that it was made on this system.',
  mismatch:
    'The value begins like a token of this system, but the rest is wrong. Paste it again, or rotate the token.',
  expired: 'The token has expired. Extend or rotate it, and enter the new value.',
  retired:
    'This is the old value of a token that was rotated. Enter the new value in the identity provider.',
  client_secret: 'This is a client secret. Enter it as such, with the token endpoint.',
  access_token_ended:
    'The access token has run out or was ended. The identity provider fetches another by itself; where it does not, test the connection there.',
  disabled: 'The token is switched off. Enable it.',
  revoked: 'The token was revoked, which is for good. Create another and enter its value.',
  tenant_mismatch:
    "The value belongs to another tenant than the URL. Use this tenant's own token, and check the base URL.",
  used_elsewhere:
    "This token was used at another tenant's URL. Check the base URL in the identity provider.",
  ip_not_allowed:
    "The request came from an address outside the token's allowed_ips. Add the identity provider's addresses.",
  insufficient_scope: 'The token lacks the scope that the request needs. Add it to the token.',
  assertion_malformed:
    'The assertion is none that is taken: a signed JWT (RS256, PS256 or ES256) with a kid, and without crit, jku, x5u and jwk in its header.',
  assertion_issuer:
    "The assertion's iss is not the trust's issuer. Enter the issuer as the identity provider shows it, of the same version (v1 or v2) as its tokens.",
  assertion_subject:
    "The assertion's sub is not the trust's subject. Enter the subject of the workload identity that was chosen in the identity provider.",
  assertion_audience:
    "The assertion's aud is none of the trust's accepted audiences, or more than one. Enter the audience as the identity provider shows it.",
  assertion_tenant:
    "The assertion's tid is not the tenant of the trust's issuer, or not its tenant_id. Check both.",
  assertion_party:
    "The assertion's azp or appid is not the trust's authorized_party. Enter the application that asks, or leave it out.",
  assertion_time:
    'The assertion has expired, is not valid yet, lives longer than a day, or does not say. Check the clocks of both sides.',
  assertion_key:
    'The issuer publishes no key of the kid and algorithm that the assertion names. Check that the issuer is the one that signs.',
  assertion_signature:
    "The assertion's signature is not by the issuer's key: somebody else made it, or it was changed.",
  token_request:
    'The token endpoint could not read the request. It takes a form (application/x-www-form-urlencoded) with each parameter once.',
  credentials_in_url:
    'Credentials came in the URL of the token endpoint, where logs keep them. Enter the URL alone, and rotate the secret.',
  grant_type:
    'The token endpoint was asked for another grant, or for none. Choose client credentials in the identity provider (grant_type=client_credentials).',
  no_credentials:
    'The token endpoint was asked without credentials that it can read. Choose to send them in the header (HTTP Basic); where that does not help, in the body.',
  two_methods:
    'The token endpoint was sent different credentials at once. Enter one client id, with its secret or with an assertion, and send it in one place.',
  wrong_method:
    'The token endpoint was shown what this connection is not made for. Choose the method of its auth_method in the identity provider, or create another connection.',
  wrong_secret:
    'The client secret is none of this client id. Paste both again, or rotate the token and enter the new secret.',
  invalid_scope:
    'The token endpoint was asked for a scope that there is not, or that the token lacks. Leave the scope empty, or enter scim.',
} as const;

/** One of the words of {@link FAILURE_HINTS}. */
export type FailureHint = keyof typeof FAILURE_HINTS;

/** What a signed assertion said, each cut off after 512 characters; null for a claim that it has not. */
export interface PresentedClaims {
  readonly iss: string | null;
  readonly sub: string | null;
  /** A list as JSON. */
  readonly aud: string | null;
  readonly tid: string | null;
  /** `azp`, or `appid` without it. */
  readonly azp: string | null;
}

/** What the sender of a value that is not accepted is told, whatever the reason. */
export const NOT_ACCEPTED = 'The SCIM token is missing or not accepted';

/** What the sender of a good value is told that may not do this. */
export const LACKS_SCOPE = 'The SCIM token lacks a scope that this request needs';

/** Whose token a refused value is, where that is known. */
export interface TokenOwner {
  /** UUID of the token. */
  readonly tokenId: string;
  /** Tenant of the token. */
  readonly tenantId: string;
}

/**
 * A token that is not accepted. Its text names the reason, never the value; where nobody catches it, the
 * answer tells neither.
 */
export class ScimTokenRefusedError extends HttpException {
  constructor(
    /** For the log and the metrics, never for whoever sent the value. */
    readonly reason: RefusalReason,
    /** What an administrator probably did; says more than the reason where more is known. */
    readonly hint: FailureHint = reason,
    /** Null where the value is nobody's. */
    readonly owner: TokenOwner | null = null,
    /** What an assertion said whose signature is good, for its token's administrators alone. */
    readonly claims: PresentedClaims | null = null,
  ) {
    const [status, detail] =
      reason === 'insufficient_scope'
        ? ([403, LACKS_SCOPE] as const)
        : ([401, NOT_ACCEPTED] as const);
    super({ detail }, status);
    this.message = `SCIM token refused: ${reason}`;
  }
}

/** Tells operators why a token was refused: the SCIM client never learns it. */
export function logRefusal(
  { reason, hint }: ScimTokenRefusedError,
  requestId: string | null,
  logger: Logger,
): void {
  logger.warn(new LogEntry('SCIM token refused', { reason, hint, request_id: requestId }));
}

/** Signed, or encrypted: three parts or five. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$|^[\w-]+(?:\.[\w-]*){4}$/;

/** Guesses what went wrong with a value that is none of ours. */
export function hintOfMalformed(value: string): FailureHint {
  if (/^bearer\s/i.test(value)) return 'doubled_bearer';
  if (/^\s*["'`“”‘’]|["'`“”‘’]\s*$/.test(value)) return 'quoted';
  if (/\s/.test(value)) return 'white_space';
  if (JWT.test(value)) return 'foreign_jwt';
  return 'malformed';
}
