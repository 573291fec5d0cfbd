import {
  BodyLostError,
  BodyTooLargeError,
  ServiceUnavailableError,
  UnsupportedEncodingError,
} from '../core/errors';
import { decodeFormText, decodeUtf8, formPairs } from '../http/form';
import { queryOf, RAW_BODY, type IncomingRequest } from '../http/incoming-request';
import { contentOf, isUnread, readUnread, requireIdentityEncoding } from '../http/request-body';
import { isJsonType } from '../http/validation/json-body';
import { invalidRequest, OAuthError } from './oauth-error';

const NAMES = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
  'scope',
] as const;

/** A parameter that the token endpoint knows; all others are ignored (RFC 6749 §3.2). */
type Name = (typeof NAMES)[number];

/** What was sent of them; one without a value counts as not sent. */
export type TokenParameters = Readonly<Partial<Record<Name, string>>>;

/** What no URL may hold: logs, histories and proxies keep those. */
const NOT_IN_QUERY = new Set<string>([...NAMES.filter((name) => name !== 'scope'), 'access_token']);

const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * The parameters of a request to the token endpoint. Inside a host, whose parser has run already, they are
 * what that parser made of the body.
 *
 * @throws OAuthError `invalid_request`, 413 for a body over the limit
 * @throws ServiceUnavailableError where there is no memory for the body
 */
export async function readTokenParameters(request: IncomingRequest): Promise<TokenParameters> {
  const content = await readContent(request);
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== FORM_TYPE) {
    throw invalidRequest(`The content type must be ${FORM_TYPE}`);
  }
  const text = Buffer.isBuffer(content) ? decodeUtf8(content) : content;
  if (text === null) throw invalidRequest('The body is not UTF-8');
  const parameters = typeof text === 'string' ? fromText(text) : fromFields(text);
  requireCleanQuery(request);
  return parameters;
}

/**
 * The `client_id` of a request that may be wrong otherwise: of its body, whether that is a form or JSON, or else
 * of its URL. Of several the first, null where there is none.
 */
export function clientIdSent(request: IncomingRequest): string | null {
  const body = request[RAW_BODY];
  const content = body && 'bytes' in body ? body.bytes.toString() : request.body;
  const type = request.headers['content-type'] ?? FORM_TYPE;
  const fields = typeof content === 'string' && isJsonType(type) ? fromJson(content) : content;
  const id =
    typeof fields === 'string'
      ? clientIdIn(formPairs(fields))
      : (Object(fields) as { readonly client_id?: unknown }).client_id;
  return typeof id === 'string' ? id : (clientIdIn(pairsOfQuery(request)) ?? null);
}

function clientIdIn(pairs: ReturnType<typeof formPairs>): string | undefined {
  return pairs.find(([name]) => name === 'client_id')?.[1];
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Bytes or text; an object where a parser of the host's made one. */
async function readContent(request: IncomingRequest): Promise<unknown> {
  try {
    if (isUnread(request)) await readUnread(request);
    const body = request[RAW_BODY];
    if (body && 'tooLarge' in body) throw new BodyTooLargeError();
    // Read only of callers that are known by then, and here none is.
    if (body && 'read' in body) throw new ServiceUnavailableError();
    requireIdentityEncoding(request);
    return contentOf(request) ?? '';
  } catch (error) {
    throw inOurWords(error);
  }
}

function inOurWords(error: unknown): unknown {
  if (error instanceof BodyTooLargeError) {
    const { refusal } = invalidRequest(error.detail);
    return new OAuthError(413, 'invalid_request', error.detail, refusal);
  }
  if (error instanceof UnsupportedEncodingError || error instanceof BodyLostError) {
    return invalidRequest(error.detail);
  }
  return error;
}

/** Pair by pair, and no further than the first that is wrong. */
function fromText(text: string): TokenParameters {
  const seen = new Map<string, string>();
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    const end = piece.indexOf('=');
    const name = decodeFormText(end === -1 ? piece : piece.slice(0, end));
    const value = decodeFormText(end === -1 ? '' : piece.slice(end + 1));
    if (name === null || value === null) {
      throw invalidRequest('The body has a wrong percent-encoding');
    }
    if (!isKnown(name)) continue;
    if (seen.has(name)) throw repeated(name);
    seen.set(name, value);
  }
  return Object.fromEntries([...seen].filter(([, value]) => value !== ''));
}

/** Of one that is there twice a parser makes a list, of `name[x]` an object. */
function fromFields(content: unknown): TokenParameters {
  const fields = Object(content) as Readonly<Record<string, unknown>>;
  const sent = NAMES.filter((name) => Object.hasOwn(fields, name));
  const odd = sent.find((name) => typeof fields[name] !== 'string');
  if (odd !== undefined) throw repeated(odd);
  return Object.fromEntries(
    sent.filter((name) => fields[name] !== '').map((name) => [name, fields[name] as string]),
  );
}

function requireCleanQuery(request: IncomingRequest): void {
  if (!pairsOfQuery(request).some(([name]) => NOT_IN_QUERY.has(name))) return;
  throw invalidRequest('Parameters must not be in the URL', 'credentials_in_url');
}

function pairsOfQuery({ originalUrl, url }: IncomingRequest): ReturnType<typeof formPairs> {
  return formPairs(queryOf(originalUrl ?? url));
}

function isKnown(name: string): name is Name {
  return (NAMES as readonly string[]).includes(name);
}

/** The name is one of ours, no word of the sender's. */
function repeated(name: Name): OAuthError {
  return invalidRequest(`${name} must be there once`);
}
