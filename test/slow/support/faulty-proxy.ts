import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Response as JsonAnswer } from 'supertest';

/** A request on its way to the server; a fault may change it. */
export interface PassingRequest {
  readonly method: string;
  /** Below the base URL, decoded. */
  path: string;
  readonly headers: Record<string, string>;
  /** Unchecked: a fault knows what it changes. */
  body: JsonAnswer['body'];
}

/** An answer on its way back. */
export interface PassingAnswer {
  status: number;
  headers: Record<string, string>;
  body: JsonAnswer['body'];
}

/** What a server does wrong. */
export interface Fault {
  /** Answers in the server's place where it returns an answer. */
  readonly request?: (
    request: PassingRequest,
    pass: (request: PassingRequest) => Promise<PassingAnswer>,
  ) => PassingAnswer | Promise<PassingAnswer> | undefined;
  readonly answer?: (answer: PassingAnswer, request: PassingRequest) => void;
}

/** A server with one fault, made of one without. */
export class FaultyProxy {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async before(
    base: string,
    { request: onRequest, answer: onAnswer }: Fault,
  ): Promise<FaultyProxy> {
    const pass = async ({
      method,
      path,
      headers,
      body,
    }: PassingRequest): Promise<PassingAnswer> => {
      const response = await fetch(base + encodeURI(path), {
        method,
        headers,
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const content = await response.text();
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: content === '' ? undefined : JSON.parse(content),
      };
    };
    const server = createServer((incoming, outgoing) => {
      void (async () => {
        const { 'content-length': _, host: __, connection: ___, ...headers } = incoming.headers;
        const request: PassingRequest = {
          method: incoming.method ?? '',
          path: decodeURIComponent((incoming.url ?? '').replaceAll('+', ' ')),
          headers: headers as Record<string, string>,
          body: jsonOr(await text(incoming)),
        };
        const answer = (await onRequest?.(request, pass)) ?? (await pass(request));
        onAnswer?.(answer, request);
        const { 'content-length': ____, connection: _____, ...kept } = answer.headers;
        outgoing.writeHead(answer.status, kept);
        outgoing.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** What is no JSON stays text. */
function jsonOr(content: string): unknown {
  if (content === '') return undefined;
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
