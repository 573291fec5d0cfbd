import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { BodyLostError, BodyTooLargeError, UnsupportedEncodingError } from '../core/errors';
import { type IncomingRequest, RAW_BODY, type RawBody } from './incoming-request';
import { type DecodedBody, decodeJsonBody, fromParsedBody } from './validation/json-body';
import { STRANGER_BODY_BYTES } from './raw-body.middleware';

const DECODED = Symbol('scim-tokens.decoded-body');

/**
 * The request's JSON body, decoded once: the tenant check looks at it before validation does. Inside a
 * host, whose parser has run already, it is what that parser made of it.
 */
export function decodedBody(
  request: IncomingRequest & { [DECODED]?: DecodedBody | undefined },
): DecodedBody {
  return (request[DECODED] ??= decode(request));
}

/**
 * Takes bodies as they are, as the contract does.
 *
 * @throws UnsupportedEncodingError where the body is compressed
 */
export function requireIdentityEncoding(request: IncomingRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw new UnsupportedEncodingError();
  }
}

function decode(request: IncomingRequest): DecodedBody {
  let content: unknown;
  try {
    content = contentOf(request);
  } catch (error) {
    if (error instanceof BodyLostError) return { ok: false, error };
    throw error;
  }
  if (content !== undefined && !Buffer.isBuffer(content)) return fromParsedBody(content);
  return decodeJsonBody(content, request.headers['content-type']);
}

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
 * @param limit most bytes, unless a handler says otherwise those that are read of anyone
 * @throws BodyTooLargeError, BodyLostError where the client goes away
 */
export async function readUnread(
  request: IncomingRequest,
  limit = STRANGER_BODY_BYTES,
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

/** Answers 413 for a body that the parser noted as too large, before anything else is looked at. */
@Injectable()
export class BodyLimitGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const body = context.switchToHttp().getRequest<IncomingRequest>()[RAW_BODY];
    if (body && 'tooLarge' in body) throw new BodyTooLargeError();
    return true;
  }
}
