import type { NextFunction, Request, Response } from 'express';

/** Bytes of a request's body. */
export const BODY_LIMIT = 2 * 1024 * 1024;

const RAW_BODY = Symbol('scim.raw-body');

/** A body as it came; null where it was over the limit. */
export type RawBody = Buffer | null;

type WithBody = Request & { [RAW_BODY]?: RawBody };

/**
 * Keeps a body's bytes and decodes nothing: whoever has no token learns nothing of what was wrong with
 * the body. Bytes over the limit are dropped and only noted.
 */
export function keepRawBody(request: WithBody, _response: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => {
    request[RAW_BODY] = size <= BODY_LIMIT ? Buffer.concat(chunks) : null;
    next();
  });
}

/** The body that {@link keepRawBody} kept. */
export const rawBodyOf = (request: WithBody): RawBody => request[RAW_BODY] ?? null;
