import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ServiceUnavailableError } from '../core/errors';
import { pathOf, RAW_BODY, type RawBody, type ReadBody } from './incoming-request';

/** Bytes of a body that counts for nothing: they are bounded by the number of connections. */
const SMALL_BYTES = 4 * 1024;

/** How much of the process's memory bodies may take at once. */
export class BodyAllowance {
  private taken = 0;

  constructor(private readonly bytes: number) {}

  /**
   * Sets memory aside for a body of up to this many bytes, until its request is over.
   *
   * @returns false where there is none left
   */
  take(bytes: number, response: ServerResponse): boolean {
    if (bytes <= SMALL_BYTES) return true;
    if (this.taken + bytes > this.bytes) return false;
    this.taken += bytes;
    response.once('close', () => {
      this.taken -= bytes;
    });
    return true;
  }
}

/** Most bytes of a body that are read before it is known who sends it, and most that we read inside a host. */
export const STRANGER_BODY_BYTES = 64 * 1024;

/** As Node reads it: then it leaves the answer to us. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** How much of bodies is read. */
export interface BodyRoom {
  /** Bytes that a path takes. */
  readonly limitOf: (path: string) => number;
  /** Memory for the bodies of callers that are not known yet. */
  readonly strangers: BodyAllowance;
  /** Memory for what is read once a caller is known. */
  readonly callers: BodyAllowance;
}

type Request = IncomingMessage & { [RAW_BODY]?: RawBody };

/**
 * Keeps a body's bytes, up to a limit, and decodes nothing: what they mean is decided after authentication,
 * and so is whether a large one is read at all. One over the limit is only noted: 413 is for the route to
 * answer.
 */
export function rawBody({ limitOf, strangers, callers }: BodyRoom) {
  return (request: Request, response: ServerResponse, next: () => void): void => {
    const { headers, url = '' } = request;
    const announced = announcedSize(headers);
    if (announced === null) {
      next();
      return;
    }
    const limit = limitOf(pathOf(url));
    const keep = (body: RawBody): void => {
      request[RAW_BODY] = body;
      next();
    };
    if (Number.isFinite(announced) && announced > limit) {
      leaveUnread(request, response);
      keep({ tooLarge: true });
      return;
    }
    const most = Math.min(announced, limit);
    const isForAnyone = most <= STRANGER_BODY_BYTES && strangers.take(most, response);
    if (isForAnyone) {
      read(request, response, limit, keep);
      return;
    }
    const takeBack = leaveUnread(request, response);
    keep({
      read: async () => {
        if (response.destroyed || !callers.take(most, response)) {
          throw new ServiceUnavailableError();
        }
        takeBack();
        return new Promise((resolve) => {
          read(request, response, limit, resolve);
        });
      },
    });
  };
}

/** Bytes that are said to come; Infinity where that is not said, null where none come. */
function announcedSize(headers: IncomingHttpHeaders): number | null {
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  return headers['transfer-encoding'] === undefined ? null : Infinity;
}

function leaveUnread(request: IncomingMessage, response: ServerResponse): () => void {
  // Node takes what nobody reads off the wire once it is answered, up to the last byte. Now somebody does.
  request.read(0);
  return closeAfterAnswer(request, response);
}

/** Whoever hangs up halfway gets no answer: there is nobody left to read one. */
function read(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  done: (body: ReadBody) => void,
): void {
  if (CONTINUE.test(request.headers.expect ?? '')) response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    request.pause();
    closeAfterAnswer(request, response);
    done({ tooLarge: true });
  });
  request.on('end', () => {
    done({ bytes: Buffer.concat(chunks) });
  });
}

/** Milliseconds that an answer has to reach a client which is still sending. */
const LINGER_MS = 1_000;

/**
 * Lets a connection end with its answer, while the rest of the request stays unread. Closed at once it would
 * be reset, and the answer with it.
 *
 * @returns takes it back, where the rest is read after all
 */
export function closeAfterAnswer(
  { socket }: IncomingMessage,
  response: ServerResponse,
): () => void {
  const { shouldKeepAlive } = response;
  response.shouldKeepAlive = false;
  // By which Node ends a connection that is not kept.
  socket.destroySoon = () => {
    socket.end();
    const reset = setTimeout(() => {
      socket.destroy();
    }, LINGER_MS);
    socket.once('close', () => {
      clearTimeout(reset);
    });
  };
  return () => {
    response.shouldKeepAlive = shouldKeepAlive;
    Reflect.deleteProperty(socket, 'destroySoon');
  };
}
