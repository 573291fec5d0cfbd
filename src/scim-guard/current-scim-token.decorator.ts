import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { VerifiedScimToken } from '../verification/scim-token.verifier';

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
