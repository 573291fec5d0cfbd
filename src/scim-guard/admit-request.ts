import type { ScimScope } from '../core/token';
import type { Logger } from '@nestjs/common';
import { ServiceUnavailableError } from '../core/errors';
import { authorizationOf } from '../http/authorization';
import { clientIp, type IncomingRequest, requestIdOf } from '../http/incoming-request';
import { setVerifiedToken } from './scim-route.decorators';
import { logRefusal, ScimTokenRefusedError } from '../core/refusal';
import { ScimRouteError } from './scim-route-error';
import type { ScimTokenVerifier, VerifyOptions } from '../verification/scim-token.verifier';

/** What a request's token must be good for. */
export interface Admission {
  readonly tenantId: string;
  readonly scopes: readonly ScimScope[];
}

/** A host's test may have one with `verifyAuthorization` alone. */
type Verifier = Pick<ScimTokenVerifier, 'verifyAuthorization'> &
  Partial<Pick<ScimTokenVerifier, 'verifyRemembered'>>;

/**
 * Lets a SCIM request pass whose bearer token is good for the tenant and has the scopes, and leaves the
 * token on it. At once where the token is remembered.
 *
 * @throws ScimRouteError that the SCIM client is answered; an error of another kind as it is
 */
export function admitRequest(
  request: IncomingRequest,
  { tenantId, scopes }: Admission,
  verifier: Verifier,
  logger: Logger,
): true | Promise<true> {
  const header = authorizationOf(request);
  const userAgent = request.headers['user-agent'];
  const options = { tenantId, scopes, ip: clientIp(request), userAgent };
  const remembered = verifier.verifyRemembered?.(header, options);
  if (!remembered) return admitOnceVerified(request, header, options, verifier, logger);
  setVerifiedToken(request, remembered);
  return true;
}

async function admitOnceVerified(
  request: IncomingRequest,
  header: string | undefined,
  options: Admission & VerifyOptions,
  verifier: Verifier,
  logger: Logger,
): Promise<true> {
  try {
    setVerifiedToken(request, await verifier.verifyAuthorization(header, options));
    return true;
  } catch (error) {
    if (error instanceof ServiceUnavailableError) {
      throw ScimRouteError.unavailable(error.retryAfterSeconds);
    }
    if (!(error instanceof ScimTokenRefusedError)) throw error;
    logRefusal(error, requestIdOf(request), logger);
    throw error.reason === 'insufficient_scope'
      ? ScimRouteError.insufficientScope(options.scopes)
      : ScimRouteError.refused();
  }
}
