import { HttpException, type HttpExceptionOptions } from '@nestjs/common';

/**
 * An answer that a caller is meant to see, in the API's terms. An exception of Nest's, so that it has its
 * status and its body `{detail}` wherever it ends: also in a host's own route, under Nest's own filter.
 */
export abstract class ApiError extends HttpException {
  /**
   * @param detail what the caller is told; never holds a secret
   * @param headers response headers that belong to the answer; Nest's own filter leaves them out
   */
  constructor(
    status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: HttpExceptionOptions,
  ) {
    super({ detail }, status, options);
    this.message = detail;
  }
}

/** What was asked for is not there, or not there for this caller. */
export abstract class NotFoundError extends ApiError {
  constructor(detail: string) {
    super(404, detail);
  }
}

/** The state of things does not allow the change. */
export abstract class ConflictError extends ApiError {
  constructor(detail: string) {
    super(409, detail);
  }
}

/** The request's body is not UTF-8 text. */
export class BodyNotParsableError extends ApiError {
  constructor() {
    super(400, 'There was an error parsing the body');
  }
}

/** Someone before us read the request's body and kept nothing of it, or the client broke it off. */
export class BodyLostError extends ApiError {
  constructor() {
    super(400, 'The body was lost before it could be read');
  }
}

/** A revocation that does not say what to revoke (RFC 7009 §2.1). */
export class TokenParameterError extends ApiError {
  constructor() {
    super(400, 'token must be there once, as text');
  }
}

/** The request carries no bearer JWT. */
export class NotAuthenticatedError extends ApiError {
  constructor() {
    super(401, 'Not authenticated', { 'WWW-Authenticate': 'Bearer' });
  }
}

/** The bearer JWT is not accepted, for whatever reason (RFC 6750 §3.1). */
export class InvalidTokenError extends ApiError {
  /** @param reason what is wrong, for the log alone; holds nothing of the JWT */
  constructor(readonly reason?: string) {
    super(401, 'Invalid or expired token', { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
  }
}

/** The caller's role may not do this, or its claims do not make sense. */
export class InsufficientPermissionsError extends ApiError {
  constructor() {
    super(403, 'Insufficient permissions');
  }
}

/** A platform token without the scope that the operation needs. */
export class PlatformScopeRequiredError extends ApiError {
  constructor() {
    super(403, 'Platform token requires admin:read or admin:write scope');
  }
}

/** A tenant that the caller may not act for, whether it exists or not. */
export class TenantNotAllowedError extends ApiError {
  constructor() {
    super(403, 'Access to this tenant is not allowed');
  }
}

/** A tenant that the directory does not know. */
export class TenantNotFoundError extends NotFoundError {
  constructor() {
    super('Tenant not found');
  }
}

/** The path exists, with other methods. */
export class MethodNotAllowedError extends ApiError {
  constructor(methods: readonly string[]) {
    super(405, 'Method Not Allowed', { Allow: methods.join(', ') });
  }
}

/** The request's body is larger than the limit. */
export class BodyTooLargeError extends ApiError {
  constructor() {
    super(413, 'Request body too large');
  }
}

/** The request's body is compressed. */
export class UnsupportedEncodingError extends ApiError {
  constructor() {
    super(415, 'Unsupported content encoding');
  }
}

/** The request's body is of a type that the route does not take. */
export class UnsupportedContentTypeError extends ApiError {
  constructor() {
    super(415, 'Unsupported content type');
  }
}

/** The caller, or its address, asked too often. */
export class TooManyRequestsError extends ApiError {
  /** @param retryAfterSeconds whole seconds until it is worth asking again, at least 1 */
  constructor(readonly retryAfterSeconds: number) {
    super(429, 'Too Many Requests', { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** Something that is needed cannot be reached at the moment. */
export class ServiceUnavailableError extends ApiError {
  /** @param retryAfterSeconds whole seconds until it is worth asking again, at least 1 */
  constructor(
    readonly retryAfterSeconds = 2,
    options?: HttpExceptionOptions,
  ) {
    const headers = { 'Retry-After': String(retryAfterSeconds) };
    super(503, 'Service temporarily unavailable', headers, options);
  }
}

/** No key for verifying JWTs could be had so far from a JWKS URL. */
export class AuthUnavailableError extends ServiceUnavailableError {}

/** Unknown, malformed or another tenant's id: the same answer for all. */
export class ScimTokenNotFoundError extends NotFoundError {
  constructor() {
    super('SCIM token not found');
  }
}

/** Unknown, malformed or another tenant's id of a setup link. */
export class SetupLinkNotFoundError extends NotFoundError {
  constructor() {
    super('Setup link not found');
  }
}

/** The tenant has as many setup links open as it may. */
export class TooManySetupLinksError extends ConflictError {
  constructor(limit: number) {
    super(`Tenant already has ${limit} open setup links`);
  }
}

/** The secret of a setup link is not accepted: one answer, whatever is wrong with it. */
export class SetupLinkRefusedError extends ApiError {
  constructor() {
    super(401, 'Invalid or expired setup link', {
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    });
  }
}

/** A link makes a second value only for whoever asks to have the first one replaced. */
export class SetupLinkUsedError extends ConflictError {
  constructor() {
    super('Setup link has made a value already');
  }
}

/** What a link made is in use, and another method is no new value of it. */
export class OtherMethodInUseError extends ConflictError {
  constructor() {
    super('SCIM token is in use with another method');
  }
}

/** A revoked token takes no change. */
export class ScimTokenRevokedError extends ConflictError {
  constructor() {
    super('SCIM token is revoked');
  }
}

/** A token has at most two secrets. */
export class RotationUnderWayError extends ConflictError {
  constructor() {
    super('SCIM token is being rotated already');
  }
}

/** A workload identity proves itself without a secret of ours: there is nothing to rotate. */
export class NoSecretError extends ConflictError {
  constructor() {
    super('SCIM token has no secret to rotate');
  }
}

/** There is no rotation to complete or to cancel, or its old secret has ended. */
export class NoRotationError extends ConflictError {
  constructor() {
    super('SCIM token is not being rotated');
  }
}

/** The value that turned up had stopped working already: rotated away, or expired with its token. */
export class SecretEndedError extends ConflictError {
  constructor() {
    super('SCIM token value has ended already');
  }
}

/** The token is no longer in the version that the caller's `If-Match` names. */
export class TokenChangedError extends ApiError {
  constructor() {
    super(412, 'SCIM token has been changed');
  }
}

/** The tenant has as many living tokens as it may. */
export class TooManyActiveTokensError extends ConflictError {
  constructor(limit: number) {
    super(`Tenant already has ${limit} active SCIM tokens`);
  }
}
