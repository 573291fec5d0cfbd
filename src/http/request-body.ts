import { BodyLostError, UnsupportedEncodingError } from '../core/errors';
import { decodeJsonBody, fromParsedBody, type DecodedBody } from './validation';
import type { IncomingRequest } from './incoming-request';
import { contentOf } from './unread-body';

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
