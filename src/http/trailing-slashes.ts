import type { Type } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';

/** What @nestjs/platform-fastify's `RouteConfig` leaves on a handler becomes the `config` of its routes. */
const ROUTE_CONFIG = '__fastify_route_config__';
const MARK = 'scimTokens';

interface Route {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: object | undefined;
}

/** What we use of Fastify, which is no dependency of ours. */
interface Fastify {
  readonly initialConfig: TrailingSlashes & { readonly routerOptions?: TrailingSlashes };
  addHook(name: 'onRoute', hook: (route: Route) => void): void;
  route(route: Route): void;
}

interface TrailingSlashes {
  readonly ignoreTrailingSlash?: boolean;
}

/** Marks the routes of a controller as ours, for {@link serveTrailingSlashes}: a host's may have a path of the same ending. */
export function markRoutes({ prototype }: Type): void {
  const members = Object.values(Object.getOwnPropertyDescriptors(prototype as object));
  for (const { value } of members as { value?: unknown }[]) {
    if (typeof value === 'function') Reflect.defineMetadata(ROUTE_CONFIG, { [MARK]: true }, value);
  }
}

/** Whether Fastify registers one of our routes: {@link markRoutes} marked it. */
export function isOurRoute({ config }: { readonly config?: object | undefined }): boolean {
  return MARK in (config ?? {});
}

/** One hook serves all registrations of an application. */
const served = new WeakSet<Fastify>();

/**
 * Serves our routes with a slash at their end too, where the adapter takes that for another path: Fastify
 * does unless its host says otherwise. The host's own routes stay as they are. Called before routes are
 * registered.
 */
export function serveTrailingSlashes({ httpAdapter }: Partial<HttpAdapterHost>): void {
  if (httpAdapter?.getType() !== 'fastify') return;
  const fastify = httpAdapter.getInstance<Fastify>();
  const { ignoreTrailingSlash, routerOptions } = fastify.initialConfig;
  if (ignoreTrailingSlash === true || routerOptions?.ignoreTrailingSlash === true) return;
  if (served.has(fastify)) return;
  served.add(fastify);
  fastify.addHook('onRoute', (route) => {
    // Fastify makes the HEAD route of a GET by itself.
    if (route.method === 'HEAD' || route.url.endsWith('/')) return;
    if (isOurRoute(route)) fastify.route({ ...route, url: `${route.url}/` });
  });
}
