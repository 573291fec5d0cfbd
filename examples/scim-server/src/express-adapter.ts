import { createServer, IncomingMessage, ServerResponse, type RequestListener } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

type Express = RequestListener & { request: IncomingMessage; response: ServerResponse };

/**
 * Express on a server whose requests and responses have Express's prototypes from the start. It would
 * change the prototype of each, and V8 (of Node 20) then keeps it until a full collection. A slow client
 * is cut off.
 */
export class LeanExpressAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    const express = this.getInstance<Express>();
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse<
      Request extends IncomingMessage = IncomingMessage,
    > extends ServerResponse<Request> {}
    Object.setPrototypeOf(ExpressRequest.prototype, express.request);
    Object.setPrototypeOf(ExpressResponse.prototype, express.response);
    express.request = ExpressRequest.prototype;
    express.response = ExpressResponse.prototype;
    this.httpServer = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        IncomingMessage: ExpressRequest,
        ServerResponse: ExpressResponse,
      },
      express,
    );
  }
}
