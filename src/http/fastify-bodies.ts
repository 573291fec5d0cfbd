import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { isOurRoute } from './trailing-slashes';

const HIDDEN = Symbol('scim-tokens.hidden-headers');
const BODY_HEADERS = ['content-type', 'content-length', 'transfer-encoding'] as const;

interface Request {
  readonly raw: IncomingMessage;
  [HIDDEN]?: IncomingHttpHeaders;
}

type Hook = (request: Request, reply: unknown, ...rest: unknown[]) => void;

interface Route {
  readonly method: string | readonly string[];
  readonly config?: object | undefined;
  preParsing?: Hook | Hook[];
  preValidation?: Hook | Hook[];
}

/** What we use of Fastify, which is no dependency of ours. */
interface Fastify {
  addHook(name: 'onRoute', hook: (route: Route) => void): void;
  hasContentTypeParser(type: string): boolean;
}

/** One hook serves all registrations of an application. */
const served = new WeakSet<Fastify>();

/**
 * Has Fastify pass on to our routes what Express passes on: a body of a type that no parser takes, and no
 * body at all whatever type the headers give it, where Fastify answers 415 and 400. It goes by three
 * headers, which are not there while it looks. The host's own routes stay as they are. Called before
 * routes are registered.
 */
export function takeBodiesOnFastify({ httpAdapter }: Partial<HttpAdapterHost>): void {
  if (httpAdapter?.getType() !== 'fastify') return;
  const fastify = httpAdapter.getInstance<Fastify>();
  if (served.has(fastify)) return;
  served.add(fastify);
  const hide: Hook = (request, _reply, _payload, done) => {
    const { headers } = request.raw;
    if (!isParsed(fastify, headers)) {
      request[HIDDEN] = { ...headers };
      for (const name of BODY_HEADERS) Reflect.deleteProperty(headers, name);
    }
    (done as () => void)();
  };
  fastify.addHook('onRoute', (route) => {
    if (!isOurRoute(route) || route.method === 'GET' || route.method === 'HEAD') return;
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
