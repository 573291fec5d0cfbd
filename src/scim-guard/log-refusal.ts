import type { Logger } from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import type { ScimTokenRefusedError } from '../core/refusal';

/** Tells operators why a token was refused: the SCIM client never learns it. */
export function logRefusal(
  { reason, hint }: ScimTokenRefusedError,
  requestId: string | null,
  logger: Logger,
): void {
  logger.warn(new LogEntry('SCIM token refused', { reason, hint, request_id: requestId }));
}
