import type { Logger } from '@nestjs/common';
import { ServiceUnavailableError } from '../../common/errors';
import { requestIdOf, type IncomingRequest } from '../../common/http/incoming-request';
import type { ScimScope } from '../scim-token.constants';
import { ScimTokenRefusedError } from './refusal';
import { ScimRouteError } from './scim-route-error';

/**
 * What a SCIM client is answered where its token was not accepted: the reason goes to the log alone. An
 * error of another kind is answered as it is.
 *
 * @param scopes what the request needed
 */
export function answerToRefusal(
  error: unknown,
  request: IncomingRequest,
  scopes: readonly ScimScope[],
  logger: Logger,
): unknown {
  if (error instanceof ServiceUnavailableError) {
    return ScimRouteError.unavailable(error.retryAfterSeconds);
  }
  if (!(error instanceof ScimTokenRefusedError)) return error;
  logRefusal(error, requestIdOf(request), logger);
  return error.reason === 'insufficient_scope'
    ? ScimRouteError.insufficientScope(scopes)
    : ScimRouteError.refused();
}

/** Tells operators why a token was refused. */
export function logRefusal(
  { reason, hint }: ScimTokenRefusedError,
  requestId: string | null,
  logger: Logger,
): void {
  logger.warn({ reason, hint, request_id: requestId }, 'SCIM token refused');
}
