import type { RecentFailureResponse } from './endpoint-info.response';
import { FAILURE_HINTS } from '../core/refusal';
import type { FailureSummary } from './endpoint-info.repository';

/** Tells an administrator what went wrong, and what to do about it. */
export function toRecentFailure(failure: FailureSummary): RecentFailureResponse {
  return {
    reason: failure.reason,
    hint: FAILURE_HINTS[failure.hint],
    count: failure.count,
    last_at: failure.last_at.toISOString(),
    last_ip: failure.last_ip,
  };
}
