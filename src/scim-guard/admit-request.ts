import type { ScimScope } from '../core/token';
import type { Logger } from '@nestjs/common';
import { ServiceUnavailableError } from '../core/errors';
import { authorizationOf } from '../http/authorization';
import { clientIp, type IncomingRequest, requestIdOf } from '../http/incoming-request';
import { setVerifiedToken } from './scim-route.decorators';
import { logRefusal, ScimTokenRefusedError } from '../core/refusal';
import { ScimRouteError } from './scim-route-error';
import type { ScimTokenVerifier } from '../verification/scim-token.verifier';

/** What a request's token must be good for. */
export interface Admission {
  readonly tenantId: string;
  readonly scopes: readonly ScimScope[];
}

/**
 * Lets a SCIM request pass whose bearer token is good for the tenant and has the scopes, and leaves the
 * token on it.
 *
 * @throws ScimRouteError that the SCIM client is answered; an error of another kind as it is
 */
export async function admitRequest(
  request: IncomingRequest,
  { tenantId, scopes }: Admission,
  verifier: ScimTokenVerifier,
  logger: Logger,
): Promise<true> {
  try {
    const token = await verifier.verifyAuthorization(authorizationOf(request), {
      tenantId,
      scopes,
      ip: clientIp(request),
      userAgent: request.headers['user-agent'],
    });
    setVerifiedToken(request, token);
    return true;
  } catch (error) {
    if (error instanceof ServiceUnavailableError) {
      throw ScimRouteError.unavailable(error.retryAfterSeconds);
    }
    if (!(error instanceof ScimTokenRefusedError)) throw error;
    logRefusal(error, requestIdOf(request), logger);
    throw error.reason === 'insufficient_scope'
      ? ScimRouteError.insufficientScope(scopes)
      : ScimRouteError.refused();
  }
}
