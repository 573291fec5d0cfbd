import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

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
export function answerBrokenRequest(error: BrokenRequest, socket: BrokenSocket): void {
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
