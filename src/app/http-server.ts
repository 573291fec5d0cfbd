import { createServer, type RequestListener, type Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpressAdapter } from '@nestjs/platform-express';
import { answerBrokenRequest } from './broken-request';

/** Milliseconds for a request's headers, and for the whole of it. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often both are looked at: Node's 30 s would leave a slow client three times as long. */
const TIMEOUT_CHECK_MS = 1_000;
/** Milliseconds without a byte in either direction after which a client that does not read is cut off. */
const SOCKET_TIMEOUT_MS = 30_000;
/** Longer than the minute that load balancers keep idle connections: who closes first must be they. */
const KEEP_ALIVE_MS = 65_000;

/** Milliseconds in which clients with a kept-alive connection learn of the end by an answer. */
const NOTICE_MS = 500;
/** Milliseconds requests in flight have to finish. */
const DRAIN_TIMEOUT_MS = 5_000;

/** Express on a server that cuts slow clients off. */
export class ServiceAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    const listener = this.getInstance<RequestListener>();
    this.httpServer = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      listener,
    )
      .setTimeout(SOCKET_TIMEOUT_MS)
      .on('clientError', answerBrokenRequest)
      // An expectation we do not know may be passed over (RFC 9110 §10.1.1).
      .on('checkExpectation', listener);
  }
}

/**
 * Takes no new connection and lets every request that came be answered. Connections kept alive are told
 * by `Connection: close` on their next answer: closing one just as a request comes would drop that.
 */
export async function drain(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    // Not http's close, which ends idle connections at once.
    NetServer.prototype.close.call(server, () => {
      resolve();
    });
  });
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close');
  });
  await Promise.race([ended, delay(NOTICE_MS)]);
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, DRAIN_TIMEOUT_MS);
  await ended;
  clearInterval(sweep);
  clearTimeout(cut);
}
