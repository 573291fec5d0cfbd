import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Delivery {
  id: string;
  headers: IncomingHttpHeaders;
  /** The body, once its signature was found good. */
  event: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** What a receiver answers: a status, or headers too; `hang` never answers. */
export type Answer = number | { status: number; headers: Record<string, string> } | 'hang';

export interface WebhookReceiver {
  url: string;
  /** Every delivery so far whose signature is good. */
  deliveries: Delivery[];
  /** Deliveries with a bad signature. */
  forged: number;
  answer: (delivery: Delivery) => Answer;
  /** Waits until so many deliveries have come in all. */
  received(count: number): Promise<Delivery[]>;
  close(): Promise<void>;
}

/** A receiver of Standard Webhooks on loopback. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const webhook = new Webhook(WEBHOOK_SECRET);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      const id = String(headers['webhook-id']);
      try {
        const event = webhook.verify(Buffer.concat(chunks), headers) as Delivery['event'];
        const delivery = { id, headers, event };
        receiver.deliveries.push(delivery);
        const answer = receiver.answer(delivery);
        if (answer === 'hang') return;
        const { status, headers: more } =
          typeof answer === 'number' ? { status: answer, headers: {} } : answer;
        response.writeHead(status, more).end();
      } catch {
        receiver.forged += 1;
        response.writeHead(401).end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?key=1`,
    deliveries: [],
    forged: 0,
    answer: () => 204,
    received: async (count) => {
      const deadline = Date.now() + 20_000;
      while (receiver.deliveries.length < count) {
        if (Date.now() > deadline) {
          throw new Error(`Only ${receiver.deliveries.length} of ${count} deliveries came`);
        }
        await delay(20);
      }
      return receiver.deliveries;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
