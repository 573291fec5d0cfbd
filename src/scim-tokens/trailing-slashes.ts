import type { HttpAdapterHost } from '@nestjs/core';
import type { ScimTokensExtras } from './scim-tokens.extras';

interface Route {
  readonly method: string | readonly string[];
  readonly url: string;
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

/**
 * Serves our routes with a slash at their end too, where the adapter takes that for another path: Fastify
 * does unless its host says otherwise. The host's own routes stay as they are. Called before routes are
 * registered.
 */
export function serveTrailingSlashes(
  { httpAdapter }: Partial<HttpAdapterHost>,
  { path, publicPath }: Pick<ScimTokensExtras, 'path' | 'publicPath'>,
): void {
  if (httpAdapter?.getType() !== 'fastify') return;
  const fastify = httpAdapter.getInstance<Fastify>();
  const { ignoreTrailingSlash, routerOptions } = fastify.initialConfig;
  if (ignoreTrailingSlash === true || routerOptions?.ignoreTrailingSlash === true) return;
  const bases = [`/${path}`, `/${publicPath}`];
  const isOurs = (url: string): boolean =>
    bases.some((base) => url.endsWith(base) || url.includes(`${base}/`));
  fastify.addHook('onRoute', (route) => {
    // Fastify makes the HEAD route of a GET by itself.
    if (route.method === 'HEAD' || route.url.endsWith('/') || !isOurs(route.url)) return;
    fastify.route({ ...route, url: `${route.url}/` });
  });
}
