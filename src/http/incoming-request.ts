import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { toIpAddress } from '../core/ip-address';

/** What Express and Fastify requests have in common, as far as we look at it. */
export interface IncomingRequest {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders?: readonly string[];
  /** Path and query as sent; Express rewrites `url` under a router, and keeps this. */
  readonly originalUrl?: string;
  readonly url: string;
  /** The client's address, as the app's proxy setting says. */
  readonly ip?: string | undefined;
  /** The body as a host's parser left it. */
  readonly body?: unknown;
  readonly id?: unknown;
  /** Node's request, where the adapter wraps it. */
  readonly raw?: IncomingMessage;
  /** Bytes of the body where the service kept them, or no parser of a host's had read them. */
  [RAW_BODY]?: RawBody;
}

/** Under this key the service's parser leaves the bytes of a body. */
export const RAW_BODY = Symbol('scim-tokens.raw-body');

/** Body bytes as they came, or the note that there were too many. */
export type ReadBody = { readonly bytes: Buffer } | { readonly tooLarge: true };

/** A body that is not read before the caller is known. */
export interface UnreadBody {
  /** @throws ServiceUnavailableError where there is no memory for it */
  read(): Promise<ReadBody>;
}

/** What became of a body so far. */
export type RawBody = ReadBody | UnreadBody;

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `x-request-id` where it is well-formed, else the one the server gave the request. */
export function requestIdOf(request: IncomingRequest): string | null {
  const sent = request.headers['x-request-id'];
  if (typeof sent === 'string' && REQUEST_ID.test(sent)) return sent;
  return typeof request.id === 'string' && REQUEST_ID.test(request.id) ? request.id : null;
}

/** Every value of a header, as sent: Node joins repeated ones into one, or drops all but the first. */
export function valuesOf({ raw, rawHeaders }: IncomingRequest, name: string): string[] {
  const fields = raw?.rawHeaders ?? rawHeaders ?? [];
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [sent, value] = [fields[at], fields[at + 1]];
    if (sent?.length === wanted.length && sent.toLowerCase() === wanted) values.push(value ?? '');
  }
  return values;
}

/** The client's address as the app's proxy setting says; null where what a proxy wrote is none. */
export function clientIp({ ip }: IncomingRequest): string | null {
  return toIpAddress(ip);
}

/** A URL's path as sent, without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** A URL's query as sent, without its question mark. */
export function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

/** Longest user agent that is kept, in UTF-16 units. */
const USER_AGENT_MAX = 512;

/** Where a request came from, as audit entries keep it. */
export function originOf(request: IncomingRequest) {
  return {
    ip: clientIp(request),
    userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_MAX) ?? null,
    requestId: requestIdOf(request),
  };
}
