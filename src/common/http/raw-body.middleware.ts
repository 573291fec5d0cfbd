import type { IncomingMessage, ServerResponse } from 'node:http';
import { RAW_BODY, type RawBody } from './incoming-request';

/**
 * Keeps a body's bytes, up to a limit, and decodes nothing: what they mean is decided after
 * authentication. Bytes over the limit are dropped and only noted: 413 is for the route to answer.
 *
 * @param limitOf bytes that a path takes
 */
export function rawBody(limitOf: (path: string) => number) {
  return (
    request: IncomingMessage & { [RAW_BODY]?: RawBody },
    _response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const { headers, url = '' } = request;
    const limit = limitOf(url.replace(/\?.*$/s, ''));
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
      next();
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    let done = false;
    const finish = (body: RawBody): void => {
      if (done) return;
      done = true;
      request[RAW_BODY] = body;
      next();
    };
    if (Number(headers['content-length'] ?? 0) > limit) {
      finish({ tooLarge: true });
      request.resume();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      if (done) return;
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      finish({ tooLarge: true });
    });
    request.on('end', () => {
      finish({ bytes: Buffer.concat(chunks) });
    });
    // Whoever hangs up halfway gets no answer: there is nobody left to read one.
    request.on('error', () => {
      done = true;
    });
  };
}
