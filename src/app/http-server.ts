import {
  createServer,
  IncomingMessage,
  ServerResponse,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
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

/** Express on a server that cuts slow clients off, and answers with JSON the short way. */
export class ServiceAdapter extends ExpressAdapter {
  /** Express would look at each answer for its type, charset, entity tag and freshness: ours have none. */
  override reply(response: ServerResponse, body: unknown, statusCode?: number): unknown {
    if (!isPlainObject(body) || response.hasHeader('content-type')) {
      return super.reply(response, body, statusCode);
    }
    if (statusCode !== undefined) response.statusCode = statusCode;
    const text = JSON.stringify(body);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    return response.end(text);
  }

  override initHttpServer(): void {
    const listener = this.getInstance<RequestListener & ExpressPrototypes>();
    this.httpServer = createServer(
      {
        ...withPrototypesOf(listener),
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

interface ExpressPrototypes {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Classes whose instances have Express's prototypes from the start. It would change the prototype of
 * each request and response, and V8 keeps such an object, with all it refers to, until a full
 * collection: that made the collector's work ten times as long.
 */
function withPrototypesOf(express: ExpressPrototypes): ServerOptions {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(ExpressRequest.prototype, express.request);
  Object.setPrototypeOf(ExpressResponse.prototype, express.response);
  express.request = ExpressRequest.prototype;
  express.response = ExpressResponse.prototype;
  return {
    IncomingMessage: ExpressRequest,
    ServerResponse: ExpressResponse,
  };
}

function isPlainObject(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype
  );
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
