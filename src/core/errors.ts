import type { ErrorCode } from './error-status';

/**
 * An answer that a caller is meant to see. It says what is wrong in the API's terms; which HTTP status
 * that is stands in `error-status.ts`.
 */
export abstract class ApiError extends Error {
  /** Stable name of the kind of error. */
  abstract readonly code: ErrorCode;
  /** Response headers that belong to the answer. */
  readonly headers?: Readonly<Record<string, string>>;

  /** @param detail what the caller is told; never holds a secret */
  constructor(
    readonly detail: string,
    headers?: Readonly<Record<string, string>>,
  ) {
    super(detail);
    this.name = new.target.name;
    if (headers) this.headers = headers;
  }
}

/** What was asked for is not there, or not there for this caller. */
export abstract class NotFoundError extends ApiError {}

/** The state of things does not allow the change. */
export abstract class ConflictError extends ApiError {}

/** The request's body is not UTF-8 text. */
export class BodyNotParsableError extends ApiError {
  readonly code = 'body_not_parsable';

  constructor() {
    super('There was an error parsing the body');
  }
}

/** Someone before us read the request's body and kept nothing of it, or the client broke it off. */
export class BodyLostError extends ApiError {
  readonly code = 'body_lost';

  constructor() {
    super('The body was lost before it could be read');
  }
}

/** A revocation that does not say what to revoke (RFC 7009 §2.1). */
export class TokenParameterError extends ApiError {
  readonly code = 'token_parameter';

  constructor() {
    super('token must be there once, as text');
  }
}

/** The request carries no bearer JWT. */
export class NotAuthenticatedError extends ApiError {
  readonly code = 'not_authenticated';

  constructor() {
    super('Not authenticated', { 'WWW-Authenticate': 'Bearer' });
  }
}

/** The bearer JWT is not accepted, for whatever reason (RFC 6750 §3.1). */
export class InvalidTokenError extends ApiError {
  readonly code = 'invalid_token';

  /** @param reason what is wrong, for the log alone; holds nothing of the JWT */
  constructor(readonly reason?: string) {
    super('Invalid or expired token', { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
  }
}

/** The caller's role may not do this, or its claims do not make sense. */
export class InsufficientPermissionsError extends ApiError {
  readonly code = 'insufficient_permissions';

  constructor() {
    super('Insufficient permissions');
  }
}

/** A platform token without the scope that the operation needs. */
export class PlatformScopeRequiredError extends ApiError {
  readonly code = 'platform_scope_required';

  constructor() {
    super('Platform token requires admin:read or admin:write scope');
  }
}

/** A tenant that the caller may not act for, whether it exists or not. */
export class TenantNotAllowedError extends ApiError {
  readonly code = 'tenant_not_allowed';

  constructor() {
    super('Access to this tenant is not allowed');
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
    super('Method Not Allowed', { Allow: methods.join(', ') });
  }
}

/** The request's body is larger than the limit. */
export class BodyTooLargeError extends ApiError {
  readonly code = 'body_too_large';

  constructor() {
    super('Request body too large');
  }
}

/** The request's body is compressed. */
export class UnsupportedEncodingError extends ApiError {
  readonly code = 'unsupported_encoding';

  constructor() {
    super('Unsupported content encoding');
  }
}

/** The request's body is of a type that the route does not take. */
export class UnsupportedContentTypeError extends ApiError {
  readonly code = 'unsupported_content_type';

  constructor() {
    super('Unsupported content type');
  }
}

/** The caller, or its address, asked too often. */
export class TooManyRequestsError extends ApiError {
  readonly code = 'too_many_requests';

  /** @param retryAfterSeconds whole seconds until it is worth asking again, at least 1 */
  constructor(readonly retryAfterSeconds: number) {
    super('Too Many Requests', { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** Something that is needed cannot be reached at the moment. */
export class ServiceUnavailableError extends ApiError {
  readonly code = 'service_unavailable';

  /** @param retryAfterSeconds whole seconds until it is worth asking again, at least 1 */
  constructor(readonly retryAfterSeconds = 2) {
    super('Service temporarily unavailable', { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** No key for verifying JWTs was ever obtained from the configured JWKS URL. */
export class AuthUnavailableError extends ServiceUnavailableError {}
