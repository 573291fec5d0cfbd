import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';
import type { ScimTokenEvent, ScimTokenEventListener } from '../core/scim-token-event-listener';
import type { WebhookOptions } from '../core/scim-tokens.options';
import type { ClaimedEvent } from './outbox.repository';

/** Hands an event to one target. */
export interface EventSender {
  /**
   * Resolves once the target has taken it.
   *
   * @param signal aborted when the target has had its time, or the process stops
   * @throws Error whose text is kept: it must hold no secret
   */
  send(event: ClaimedEvent, signal: AbortSignal): Promise<void>;
}

/** Hands events to the host's listener. */
export class ListenerSender implements EventSender {
  constructor(private readonly listener: ScimTokenEventListener) {}

  async send({ body }: ClaimedEvent, signal: AbortSignal): Promise<void> {
    const aborted = once(signal, 'abort').then(() => {
      signal.throwIfAborted();
    });
    await Promise.race([this.listener.handle(JSON.parse(body) as ScimTokenEvent), aborted]);
  }
}

/** Sends events as Standard Webhooks. */
export class WebhookSender implements EventSender {
  private readonly webhook: Webhook;
  private readonly url: string;

  constructor({ url, secret }: WebhookOptions) {
    this.url = url;
    this.webhook = new Webhook(secret);
  }

  /** Taken means 2xx. A redirect is not followed: it would carry the event to whom nobody named. */
  async send({ event_id, body }: ClaimedEvent, signal: AbortSignal): Promise<void> {
    const id = webhookId(event_id);
    // The system's clock: the receiver holds it against its own, and refuses what is minutes old.
    const at = new Date();
    const response = await fetch(this.url, {
      method: 'POST',
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'scim-tokens',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': this.webhook.sign(id, at, body),
      },
      body,
    });
    // Nothing in the answer's body matters, so none of it is read.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  }
}

/** The id that a receiver knows an event by, at every try. */
export function webhookId(eventId: string): string {
  return `msg_${eventId.replaceAll('-', '')}`;
}
