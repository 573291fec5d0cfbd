import { Webhook } from 'standardwebhooks';
import type { WebhookOptions } from '../core/scim-tokens.options';
import { isKnowable } from '../core/secret-strength';
import type { NoticeSender } from './notice-sender';
import type { ClaimedNotice } from './outbox.repository';

const KEY_BYTES = { min: 24, max: 64 };
const SECRET =
  /^(?:whsec_)?(?<key>(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** What {@link isWebhookSecret} takes, in words for people. */
export const WEBHOOK_SECRET_TAKES =
  'whsec_ and 24 to 64 random bytes in base64, as of openssl rand -base64 32; no PEM, no JWK and no placeholder';

/** Whether a secret is one of Standard Webhooks, and nothing that others may know. */
export function isWebhookSecret(secret: string): boolean {
  const key = SECRET.exec(secret)?.groups?.key;
  if (key === undefined) return false;
  const bytes = Buffer.from(key, 'base64');
  const isLong = bytes.length >= KEY_BYTES.min && bytes.length <= KEY_BYTES.max;
  return isLong && !isKnowable(key) && !isKnowable(bytes.toString('latin1'));
}

/** The id that a receiver knows a notice by, at every try. */
export function webhookId(noticeId: string): string {
  return `msg_${noticeId.replaceAll('-', '')}`;
}

/** Sends notices as Standard Webhooks. */
export class WebhookSender implements NoticeSender {
  private readonly webhook: Webhook;
  private readonly url: string;

  constructor({ url, secret }: WebhookOptions) {
    this.url = url;
    this.webhook = new Webhook(secret);
  }

  /** Taken means 2xx. A redirect is not followed: it would carry the notice to whom nobody named. */
  async send({ notice_id, body }: ClaimedNotice, signal: AbortSignal): Promise<void> {
    const id = webhookId(notice_id);
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
