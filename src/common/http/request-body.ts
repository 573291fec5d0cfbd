import { UnsupportedEncodingError } from '../errors';
import { decodeJsonBody, fromParsedBody, type DecodedBody } from '../validation';
import { RAW_BODY, type IncomingRequest } from './incoming-request';

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
  const raw = request[RAW_BODY];
  if (raw === undefined) {
    return request.body === undefined
      ? decodeJsonBody(undefined, undefined)
      : fromParsedBody(request.body);
  }
  const bytes = 'bytes' in raw ? raw.bytes : undefined;
  return decodeJsonBody(bytes, request.headers['content-type']);
}
