import type { Logger } from '@nestjs/common';
import type { ScimTokenRefusedError } from './refusal';

/** Tells operators why a token was refused: the SCIM client never learns it. */
export function logRefusal(
  { reason, hint }: ScimTokenRefusedError,
  requestId: string | null,
  logger: Logger,
): void {
  logger.warn({ reason, hint, request_id: requestId }, 'SCIM token refused');
}
