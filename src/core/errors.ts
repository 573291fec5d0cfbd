import type { HttpExceptionOptions } from '@nestjs/common';
import { ApiError, ConflictError, NotFoundError } from './api-error';

/** The request's body is not UTF-8 text. */
export class BodyNotParsableError extends ApiError {
  readonly code = 'body_not_parsable';

  constructor() {
    super(400, 'There was an error parsing the body');
  }
}

/** Someone before us read the request's body and kept nothing of it, or the client broke it off. */
export class BodyLostError extends ApiError {
  readonly code = 'body_lost';

  constructor() {
    super(400, 'The body was lost before it could be read');
  }
}

/** A revocation that does not say what to revoke (RFC 7009 §2.1). */
export class TokenParameterError extends ApiError {
  readonly code = 'token_parameter';

  constructor() {
    super(400, 'token must be there once, as text');
  }
}

/** The request carries no bearer JWT. */
export class NotAuthenticatedError extends ApiError {
  readonly code = 'not_authenticated';

  constructor() {
    super(401, 'Not authenticated', { 'WWW-Authenticate': 'Bearer' });
  }
}

/** The bearer JWT is not accepted, for whatever reason (RFC 6750 §3.1). */
export class InvalidTokenError extends ApiError {
  readonly code = 'invalid_token';

  /** @param reason what is wrong, for the log alone; holds nothing of the JWT */
  constructor(readonly reason?: string) {
    super(401, 'Invalid or expired token', { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
  }
}

/** The caller's role may not do this, or its claims do not make sense. */
export class InsufficientPermissionsError extends ApiError {
  readonly code = 'insufficient_permissions';

  constructor() {
    super(403, 'Insufficient permissions');
  }
}

/** A platform token without the scope that the operation needs. */
export class PlatformScopeRequiredError extends ApiError {
  readonly code = 'platform_scope_required';

  constructor() {
    super(403, 'Platform token requires admin:read or admin:write scope');
  }
}

/** A tenant that the caller may not act for, whether it exists or not. */
export class TenantNotAllowedError extends ApiError {
  readonly code = 'tenant_not_allowed';

  constructor() {
    super(403, 'Access to this tenant is not allowed');
  }
}

/** A tenant that the directory does not know. */
export class TenantNotFoundError extends NotFoundError {
  readonly code = 'tenant_not_found';

  constructor() {
    super('Tenant not found');
  }
}

/** The path exists, with other methods. */
export class MethodNotAllowedError extends ApiError {
  readonly code = 'method_not_allowed';

  constructor(methods: readonly string[]) {
    super(405, 'Method Not Allowed', { Allow: methods.join(', ') });
  }
}

/** The request's body is larger than the limit. */
export class BodyTooLargeError extends ApiError {
  readonly code = 'body_too_large';

  constructor() {
    super(413, 'Request body too large');
  }
}

/** The request's body is compressed. */
export class UnsupportedEncodingError extends ApiError {
  readonly code = 'unsupported_encoding';

  constructor() {
    super(415, 'Unsupported content encoding');
  }
}

/** The request's body is of a type that the route does not take. */
export class UnsupportedContentTypeError extends ApiError {
  readonly code = 'unsupported_content_type';

  constructor() {
    super(415, 'Unsupported content type');
  }
}

/** The caller, or its address, asked too often. */
export class TooManyRequestsError extends ApiError {
  readonly code = 'too_many_requests';

  /** @param retryAfterSeconds whole seconds until it is worth asking again, at least 1 */
  constructor(readonly retryAfterSeconds: number) {
    super(429, 'Too Many Requests', { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** Something that is needed cannot be reached at the moment. */
export class ServiceUnavailableError extends ApiError {
  readonly code = 'service_unavailable';

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
  readonly code = 'scim_token_not_found';

  constructor() {
    super('SCIM token not found');
  }
}

/** A revoked token takes no change. */
export class ScimTokenRevokedError extends ConflictError {
  readonly code = 'scim_token_revoked';

  constructor() {
    super('SCIM token is revoked');
  }
}

/** A token has at most two secrets. */
export class RotationUnderWayError extends ConflictError {
  readonly code = 'rotation_under_way';

  constructor() {
    super('SCIM token is being rotated already');
  }
}

/** A workload identity proves itself without a secret of ours: there is nothing to rotate. */
export class NoSecretError extends ConflictError {
  readonly code = 'no_secret';

  constructor() {
    super('SCIM token has no secret to rotate');
  }
}

/** There is no rotation to complete or to cancel, or its old secret has ended. */
export class NoRotationError extends ConflictError {
  readonly code = 'no_rotation';

  constructor() {
    super('SCIM token is not being rotated');
  }
}

/** The value that turned up had stopped working already: rotated away, or expired with its token. */
export class SecretEndedError extends ConflictError {
  readonly code = 'secret_ended';

  constructor() {
    super('SCIM token value has ended already');
  }
}

/** The token is no longer in the version that the caller's `If-Match` names. */
export class TokenChangedError extends ApiError {
  readonly code = 'token_changed';

  constructor() {
    super(412, 'SCIM token has been changed');
  }
}

/** The tenant has as many living tokens as it may. */
export class TooManyActiveTokensError extends ConflictError {
  readonly code = 'too_many_active_tokens';

  constructor(limit: number) {
    super(`Tenant already has ${limit} active SCIM tokens`);
  }
}
