import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ExecutionContext, Logger } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import type { HttpAdapterHost } from '@nestjs/core';
import type { IncomingRequest } from '../http/incoming-request';
import { isUnread } from '../http/request-body';

const SCIM_TYPE = 'application/scim+json';
const PARSERS = new Set(['jsonParser', 'urlencodedParser', 'rawParser', 'textParser']);
/** Middleware by the name of its function, of Express and of packages that leave bodies alone. */
const READS_NO_BODY = new Set([
  'query',
  'expressInit',
  'corsMiddleware',
  'helmetMiddleware',
  'compression',
  'cookieParser',
  'serveStatic',
]);
/** What a parser's `type` may go by that a request at start does not have. */
const UNKNOWN_AT_START = ['method', 'url', 'originalUrl', 'baseUrl', 'path'];

type Adapter = HttpAdapterHost['httpAdapter'];
type Middleware = (request: object, response: object, next: () => void) => void;

interface Layer {
  readonly route?: unknown;
  readonly handle: Middleware;
}

interface Express {
  /** Express 4 has it here, and throws where `router` is asked for. */
  readonly _router?: { readonly stack: readonly Layer[] };
  readonly router: { readonly stack: readonly Layer[] };
}

interface FastifyParsers {
  getParser?: (type: string) => unknown;
}

/** What to add where nothing reads bodies of SCIM's type: the guide's lines. */
export const SCIM_PARSER_LINES = {
  express: `app.useBodyParser('json', { type: ['application/json', '${SCIM_TYPE}'] })`,
  fastify:
    'const fastify = app.getHttpAdapter().getInstance(); ' +
    `fastify.addContentTypeParser('${SCIM_TYPE}', { parseAs: 'string' }, fastify.getDefaultJsonParser('error', 'error'))`,
} as const;

/** Whether surely nothing on Express reads such a body: what only might read one counts as if it did. */
export function expressLeavesScimBodies(adapter: Adapter): boolean {
  const express = adapter.getInstance<Express>();
  const { stack } = express._router ?? express.router;
  const isRoute = stack.map(({ route }) => route !== undefined);
  const before = stack.slice(0, isRoute.lastIndexOf(true)).filter((_, index) => !isRoute[index]);
  const isParser = ({ handle }: Layer): boolean => PARSERS.has(handle.name);
  return (
    before.some(isParser) &&
    before.every((layer) => (isParser(layer) ? passesOn(layer.handle) : isInert(layer.handle)))
  );
}

/**
 * Whether no parser of Fastify's is for such a body. Its `hasContentTypeParser` does not say what a parser
 * for all types or for a pattern takes, so this asks what Fastify itself asks.
 */
export function fastifyRefusesScimBodies(adapter: Adapter): boolean {
  const fastify = adapter.getInstance<Record<symbol, FastifyParsers | undefined>>();
  const key = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.contentTypeParser',
  );
  const parsers = key && fastify[key];
  return parsers?.getParser !== undefined && parsers.getParser(SCIM_TYPE) === undefined;
}

/** Whether a handler takes its body from the parsers, by `@Body()`. */
export function takesParsedBody(controller: object, handler: string): boolean {
  const taken = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object;
  return Object.keys(taken).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}

/** Says once for each handler that a SCIM client's body was never read: a parser for its type is missing. */
export class UnreadScimBodies {
  private readonly told = new WeakSet<object>();

  constructor(private readonly logger: Logger) {}

  /** Looks when the answer is done: a handler may read the body itself, or have no use for it. */
  watch(execution: ExecutionContext): void {
    const http = execution.switchToHttp();
    const request = http.getRequest<IncomingRequest>();
    if (!isScimType(request.headers['content-type']) || !isUnread(request)) return;
    const [controller, handler] = [execution.getClass(), execution.getHandler()];
    if (this.told.has(handler)) return;
    const reply = http.getResponse<ServerResponse & { readonly raw?: ServerResponse }>();
    const response = reply.raw ?? reply;
    const needsParser = takesParsedBody(controller, handler.name);
    // Before Node's own listener, which drains what nobody read.
    response.prependOnceListener('finish', () => {
      if (this.told.has(handler) || !isUnread(request)) return;
      if (!needsParser && response.statusCode >= 400) return;
      this.told.add(handler);
      this.logger.warn(
        `${controller.name}.${handler.name} was sent a body of type application/scim+json that nothing read. ` +
          `Before the app listens, add on Express: ${SCIM_PARSER_LINES.express}`,
      );
    });
  }
}

/** A parser of body-parser's calls the next one at once where a body is none of its. */
function passesOn(parser: Middleware): boolean {
  const request = Object.assign(Readable.from([Buffer.from('{}')]), {
    headers: { 'content-type': SCIM_TYPE, 'content-length': '2' },
  });
  for (const name of UNKNOWN_AT_START) {
    Object.defineProperty(request, name, {
      get: () => {
        throw new Error('There is no request yet');
      },
    });
  }
  let passed = false;
  try {
    parser(request, {}, () => (passed = true));
  } catch {
    return false;
  }
  return passed;
}

/** Nest's own first layer has no name. */
function isInert(middleware: Middleware): boolean {
  return READS_NO_BODY.has(middleware.name) || String(middleware).includes('.onRequestHook');
}

function isScimType(type: string | undefined): boolean {
  return type?.split(';')[0]?.trim().toLowerCase() === SCIM_TYPE;
}
