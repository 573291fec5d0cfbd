import { once } from 'node:events';
import type { ScimTokenEventListener, ScimTokenNotice } from '../core/scim-token-event-listener';
import type { NoticeSender } from './notice-sender';
import type { ClaimedNotice } from './outbox.repository';

/** Hands notices to the host's listener. */
export class ListenerSender implements NoticeSender {
  constructor(private readonly listener: ScimTokenEventListener) {}

  async send({ body }: ClaimedNotice, signal: AbortSignal): Promise<void> {
    const aborted = once(signal, 'abort').then(() => {
      signal.throwIfAborted();
    });
    await Promise.race([this.listener.handle(JSON.parse(body) as ScimTokenNotice), aborted]);
  }
}
