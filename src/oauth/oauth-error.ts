import { Catch, HttpStatus, Injectable } from '@nestjs/common';
import { ApiError } from '../core/errors';
import {
  ScimTokenRefusedError,
  type FailureHint,
  type PresentedClaims,
  type RefusalReason,
  type TokenOwner,
} from '../core/refusal';
import { ApiExceptionFilter, type Answer } from '../http/api-exception.filter';
import type { IncomingRequest } from '../http/incoming-request';

/** What the token endpoint says is wrong, RFC 6749 §5.2; its own trouble by the word of §4.1.2.1. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** An answer of the token endpoint that is no access token, in OAuth's words: `{error, error_description}`. */
export class OAuthError extends ApiError {
  /**
   * @param detail ASCII without `"` and `\` (RFC 6749 §5.2); never holds what was sent
   * @param refusal for the log, the metrics and the token's administrators; null for our own trouble
   */
  constructor(
    status: number,
    readonly code: OAuthErrorCode,
    detail: string,
    readonly refusal: ScimTokenRefusedError | null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(status, detail, headers);
  }

  override getResponse(): object {
    return { error: this.code, error_description: this.detail };
  }
}

/** A request that cannot be read, RFC 6749 §5.2. */
export function invalidRequest(detail: string, hint: FailureHint = 'token_request'): OAuthError {
  return new OAuthError(400, 'invalid_request', detail, refused('malformed', hint));
}

/** Another grant than client credentials. */
export function unsupportedGrantType(): OAuthError {
  const detail = 'Only client_credentials is supported';
  return new OAuthError(400, 'unsupported_grant_type', detail, refused('malformed', 'grant_type'));
}

/** The same to the byte for every reason, a client that there is not included. */
export function invalidClient(refusal: ScimTokenRefusedError): OAuthError {
  const headers = { 'WWW-Authenticate': 'Basic realm="SCIM"' };
  return new OAuthError(401, 'invalid_client', 'Client authentication failed', refusal, headers);
}

/** A scope that there is not, or that the token lacks. */
export function invalidScope(owner: TokenOwner): OAuthError {
  const detail = 'A requested scope is unknown or not granted to this client';
  const refusal = refused('insufficient_scope', 'invalid_scope', owner);
  return new OAuthError(400, 'invalid_scope', detail, refusal);
}

/**
 * Why a client is refused.
 *
 * @param claims what its assertion said, where its signature is good
 */
export function refused(
  reason: RefusalReason,
  hint: FailureHint,
  owner: TokenOwner | null = null,
  claims: PresentedClaims | null = null,
): ScimTokenRefusedError {
  return new ScimTokenRefusedError(reason, hint, owner, claims);
}

/** Of every answer of the token endpoint, RFC 6749 §5.1. */
export const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;

const TROUBLE: readonly number[] = [HttpStatus.TOO_MANY_REQUESTS, HttpStatus.SERVICE_UNAVAILABLE];

/** Gives every error of the token endpoint its answer. Those that come from elsewhere get OAuth's words, too. */
@Catch()
@Injectable()
export class TokenEndpointFilter extends ApiExceptionFilter {
  protected override answer(error: unknown, request: IncomingRequest): Answer {
    const { status, body, headers } = super.answer(error, request);
    const { detail } = Object(body) as { readonly detail?: unknown };
    return {
      status,
      body: TROUBLE.includes(status)
        ? { error: 'temporarily_unavailable', error_description: detail }
        : body,
      headers: { ...headers, ...NO_STORE },
    };
  }
}
