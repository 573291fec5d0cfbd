import { ApiError, ConflictError, NotFoundError } from './errors';

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
    super('SCIM token has been changed');
  }
}

/** The tenant has as many living tokens as it may. */
export class TooManyActiveTokensError extends ConflictError {
  readonly code = 'too_many_active_tokens';

  constructor(limit: number) {
    super(`Tenant already has ${limit} active SCIM tokens`);
  }
}
