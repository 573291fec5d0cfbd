import { randomUUID } from 'node:crypto';
import {
  createServer,
  IncomingMessage,
  ServerResponse,
  STATUS_CODES,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Connections } from './connections';

/** Milliseconds for a request's headers, and for the whole of it. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often both are looked at: Node's 30 s would leave a slow client three times as long. */
const TIMEOUT_CHECK_MS = 1_000;
/** Milliseconds without a byte in either direction after which a client that does not read is cut off. */
const SOCKET_TIMEOUT_MS = 30_000;
/** Bytes of a body that Node reads ahead; its default differs between versions. A read of the socket is one of 64 KiB. */
const READ_AHEAD_BYTES = 16 * 1024;
/** Longer than the minute that load balancers keep idle connections: who closes first must be they. */
const KEEP_ALIVE_MS = 65_000;

/** Express on a server that cuts slow clients off, and answers with JSON the short way. */
export class ServiceAdapter extends ExpressAdapter {
  private tracked: Connections | null = null;

  /** @param maxConnections connections that may be open at once; one more is closed at once */
  constructor(private readonly maxConnections: number) {
    super();
  }

  /** Of the server, which Nest makes first of all. */
  get connections(): Connections {
    if (!this.tracked) throw new Error('There is no server yet');
    return this.tracked;
  }

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
    const express = this.getInstance<RequestListener & ExpressPrototypes>();
    const server = createServer({
      ...withPrototypesOf(express),
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      highWaterMark: READ_AHEAD_BYTES,
    }).setTimeout(SOCKET_TIMEOUT_MS);
    server.maxConnections = this.maxConnections;
    this.tracked = new Connections(server);
    const listener = this.tracked.watched(express);
    server
      .on('request', listener)
      // The client is told to go on when its body is to be read, or not at all.
      .on('checkContinue', listener)
      // An expectation we do not know may be passed over (RFC 9110 §10.1.1).
      .on('checkExpectation', listener)
      .on('clientError', answerBrokenRequest);
    this.httpServer = server;
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

/** What Node's parser refuses, by its code; all else is a 400. */
const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** What Node's parser could not read. */
type BrokenRequest = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** Node keeps the answer that is under way on its socket, and looks at it for the same reason. */
type BrokenSocket = Duplex & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

/**
 * Answers what is no HTTP request, or comes too slowly to be one, in the form of every other error, and
 * ends the connection: where the next request would begin is anyone's guess.
 */
function answerBrokenRequest(error: BrokenRequest, socket: BrokenSocket): void {
  // An answer that has begun must not get a second one into its middle.
  const isAnswered = socket._httpMessage?.headersSent === true;
  if (!socket.writable || isAnswered || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ detail: STATUS_CODES[status] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `x-request-id: ${randomUUID()}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  const isHead = error.rawPacket?.toString('latin1', 0, 5) === 'HEAD ';
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`);
}
