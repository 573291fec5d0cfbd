import { Controller, VERSION_NEUTRAL, type ExecutionContext, type Type } from '@nestjs/common';
import { ApiExcludeController } from '../http/openapi-decorators';
import { describeWithoutSchemas } from '../http/bare-operations';
import { markOwnAnswers } from '../http/global-interceptors';
import { DEFAULT_EXTRAS, type ScimTokensExtras } from '../core/scim-tokens.extras';
import { markRoutes } from '../http/fastify-routes';

/** Key under which Nest keeps a controller's path. */
const NEST_PATH = 'path';
const MOUNTED = 'scim-tokens:mounted';

/**
 * A controller as one registration of the module mounts it: below the paths it asked for, and under every
 * version, so that a host that versions its URLs does not move ours. A class of its own: Nest keeps the
 * path on the class, and a second registration may have another.
 */
export function mounted(
  controller: Type,
  {
    swagger,
    globalInterceptors,
    ...paths
  }: Pick<ScimTokensExtras, 'path' | 'publicPath' | 'swagger' | 'globalInterceptors'>,
): Type {
  const Mounted = { [controller.name]: class extends controller {} }[controller.name] as Type;
  const path = moved(Reflect.getMetadata(NEST_PATH, controller) as string, paths);
  Controller({ path, version: VERSION_NEUTRAL })(Mounted);
  Reflect.defineMetadata(MOUNTED, true, Mounted);
  markRoutes(controller);
  if (!globalInterceptors) markOwnAnswers(Mounted);
  if (swagger === false) ApiExcludeController()(Mounted);
  if (swagger === 'operations') describeWithoutSchemas(Mounted, controller);
  return Mounted;
}

/** Whether a request is for one of our routes: a host's own global guard may leave those to us. */
export function isScimTokensRoute(context: ExecutionContext): boolean {
  return Reflect.hasMetadata(MOUNTED, context.getClass());
}

function moved(path: string, paths: Pick<ScimTokensExtras, 'path' | 'publicPath'>): string {
  for (const base of ['path', 'publicPath'] as const) {
    const declared = DEFAULT_EXTRAS[base];
    if (path === declared || path.startsWith(`${declared}/`)) {
      return paths[base] + path.slice(declared.length);
    }
  }
  throw new Error(`The controller at ${path} lies below none of the module's paths`);
}
