import type { ClaimedNotice } from './outbox.repository';

/** Hands a notice to one target. */
export interface NoticeSender {
  /**
   * Resolves once the target has taken it.
   *
   * @param signal aborted when the target has had its time, or the process stops
   * @throws Error whose text is kept: it must hold no secret
   */
  send(notice: ClaimedNotice, signal: AbortSignal): Promise<void>;
}
