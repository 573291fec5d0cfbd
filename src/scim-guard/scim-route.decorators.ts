import type { ScimScope } from '../core/token';
import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  UseFilters,
  type ExecutionContext,
} from '@nestjs/common';
import type { VerifiedScimToken } from '../verification/scim-token.verifier';
import { ScimRouteErrorFilter } from './scim-route-error';

const TOKEN = Symbol('scim-tokens.verified-token');

type GuardedRequest = object & { [TOKEN]?: VerifiedScimToken };

/** Leaves the verified token on the request. */
export function setVerifiedToken(request: GuardedRequest, token: VerifiedScimToken): void {
  request[TOKEN] = token;
}

/**
 * Hands a handler the {@link VerifiedScimToken} that {@link ScimTokenGuard} let through. Without the guard
 * the request fails: a handler never goes on without a token.
 */
export const CurrentScimToken = createParamDecorator(
  (_: unknown, execution: ExecutionContext): VerifiedScimToken => {
    const token = execution.switchToHttp().getRequest<GuardedRequest>()[TOKEN];
    if (!token) {
      throw new Error(
        'CurrentScimToken needs ScimTokenGuard on the route. A test that overrides the guard gets no token: ' +
          'override ScimTokenVerifier instead, whose verifyAuthorization answers one',
      );
    }
    return token;
  },
);

/** Metadata key under which a route says which scopes it needs. */
export const REQUIRED_SCOPES = 'scim-tokens:required-scopes';

/**
 * Says which scopes a route under {@link ScimTokenGuard} needs: all of them; none means that any token
 * of the tenant may pass. For a handler or a whole controller; the handler's counts. It also brings the
 * filter that answers refused requests as RFC 7644 §3.12 has it, whatever filters the app has.
 *
 * @example `@RequireScimScopes('users:write')`
 */
export const RequireScimScopes = (...scopes: ScimScope[]) =>
  applyDecorators(SetMetadata(REQUIRED_SCOPES, scopes), UseFilters(ScimRouteErrorFilter));
