import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Type } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';

/** What @nestjs/platform-fastify's `RouteConfig` leaves on a handler becomes the `config` of its routes. */
const ROUTE_CONFIG = '__fastify_route_config__';
const MARK = 'scimTokens';

const HIDDEN = Symbol('scim-tokens.hidden-headers');
const BODY_HEADERS = ['content-type', 'content-length', 'transfer-encoding'] as const;

interface Request {
  readonly raw: IncomingMessage;
  [HIDDEN]?: IncomingHttpHeaders;
}

type Hook = (request: Request, reply: unknown, ...rest: unknown[]) => void;

interface Route {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: object | undefined;
  preParsing?: Hook | Hook[];
  preValidation?: Hook | Hook[];
}

/** What we use of Fastify, which is no dependency of ours. */
interface Fastify {
  readonly initialConfig: TrailingSlashes & { readonly routerOptions?: TrailingSlashes };
  addHook(name: 'onRoute', hook: (route: Route) => void): void;
  hasContentTypeParser(type: string): boolean;
  route(route: Route): void;
}

interface TrailingSlashes {
  readonly ignoreTrailingSlash?: boolean;
}

/** Marks the routes of a controller as ours, for {@link serveOnFastify}: a host's may have a path of the same ending. */
export function markRoutes({ prototype }: Type): void {
  const members = Object.values(Object.getOwnPropertyDescriptors(prototype as object));
  for (const { value } of members as { value?: unknown }[]) {
    if (typeof value === 'function') Reflect.defineMetadata(ROUTE_CONFIG, { [MARK]: true }, value);
  }
}

/** One hook serves all registrations of an application. */
const served = new WeakSet<Fastify>();

/**
 * Has Fastify do for our routes what Express does: serve them with a slash at their end too, unless its
 * host said so for all; and pass on a body of a type that no parser takes, and no body at all whatever
 * type the headers give it, where Fastify answers 415 and 400. It goes by three headers for that, which
 * are not there while it looks. The host's own routes stay as they are. Called before routes are
 * registered.
 */
export function serveOnFastify({ httpAdapter }: Partial<HttpAdapterHost>): void {
  if (httpAdapter?.getType() !== 'fastify') return;
  const fastify = httpAdapter.getInstance<Fastify>();
  if (served.has(fastify)) return;
  served.add(fastify);
  const { ignoreTrailingSlash, routerOptions } = fastify.initialConfig;
  const ignoresSlashes =
    ignoreTrailingSlash === true || routerOptions?.ignoreTrailingSlash === true;
  const hide: Hook = (request, _reply, _payload, done) => {
    const { headers } = request.raw;
    if (!isParsed(fastify, headers)) {
      request[HIDDEN] = { ...headers };
      for (const name of BODY_HEADERS) Reflect.deleteProperty(headers, name);
    }
    (done as () => void)();
  };
  fastify.addHook('onRoute', (route) => {
    // Fastify makes the HEAD route of a GET by itself.
    if (!(MARK in (route.config ?? {})) || route.method === 'HEAD') return;
    if (!ignoresSlashes && !route.url.endsWith('/')) {
      fastify.route({ ...route, url: `${route.url}/` });
    }
    if (route.method === 'GET') return;
    route.preParsing = [...[route.preParsing ?? []].flat().filter((hook) => hook !== hide), hide];
    route.preValidation = [
      restore,
      ...[route.preValidation ?? []].flat().filter((hook) => hook !== restore),
    ];
  });
}

const restore: Hook = (request, _reply, done) => {
  for (const name of BODY_HEADERS) {
    const value = request[HIDDEN]?.[name];
    if (value !== undefined) request.raw.headers[name] = value;
  }
  (done as () => void)();
};

/** Whether there is surely a body, and a parser of the host's for it. One in chunks may turn out empty. */
function isParsed(fastify: Fastify, headers: IncomingHttpHeaders): boolean {
  if (Number(headers['content-length'] ?? 0) === 0) return false;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim() !== '' && fastify.hasContentTypeParser(type.trim().toLowerCase());
}
