import type { IncomingMessage } from 'node:http';
import { SetMetadata } from '@nestjs/common';
import { BodyLostError, BodyTooLargeError } from '../core/errors';
import { RAW_BODY, type IncomingRequest, type RawBody } from './incoming-request';

/** Most bytes that we read ourselves, unless a handler says otherwise. */
const UNREAD_BODY_LIMIT = 64 * 1024;

/** Metadata key under which a handler says how many bytes it takes where we read them. */
export const UNREAD_LIMIT = 'scim-tokens:unread-limit';

/** Says that a handler takes larger bodies than others, where no parser of the host's has a say. */
export const UnreadBodyLimit = (bytes: number) => SetMetadata(UNREAD_LIMIT, bytes);

/** Whether there is a body that no parser of the host's touched: none was there for its type, or for the path. */
export function isUnread(request: IncomingRequest): boolean {
  if (request[RAW_BODY] !== undefined || !announcesBody(request)) return false;
  const stream = streamOf(request);
  return stream.readable && !stream.readableDidRead && stream.readableFlowing === null;
}

/**
 * Reads a body that nobody read, as the service's own parser would have kept it.
 *
 * @throws BodyTooLargeError, BodyLostError where the client goes away
 */
export async function readUnread(
  request: IncomingRequest,
  limit = UNREAD_BODY_LIMIT,
): Promise<void> {
  const bytes = await readUpTo(streamOf(request), limit);
  if (bytes === null) throw new BodyTooLargeError();
  request[RAW_BODY] = { bytes };
}

/**
 * What a route finds of the body: bytes or text, or what a host's parser made of them.
 *
 * @throws BodyLostError where someone read the body and left nothing: it must not pass for an empty one
 */
export function contentOf(request: IncomingRequest): unknown {
  const raw: RawBody | undefined = request[RAW_BODY];
  if (raw !== undefined) return 'bytes' in raw ? raw.bytes : undefined;
  if (request.body === undefined && announcesBody(request)) {
    const stream = streamOf(request);
    const wasEmpty = stream.readableEnded && !stream.readableDidRead;
    if (!wasEmpty) throw new BodyLostError();
  }
  return request.body;
}

function announcesBody({ headers }: IncomingRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Node's request: Fastify wraps it, Express's is one. */
function streamOf(request: IncomingRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}

/** Null where there is more; what comes after that is dropped. */
function readUpTo(stream: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(null);
      }
    });
    stream.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    stream.on('error', () => {
      reject(new BodyLostError());
    });
  });
}
