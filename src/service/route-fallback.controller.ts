import { All, Controller, NotFoundException, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import { MethodNotAllowedError } from '../core/errors';

interface RouteLayer {
  match(path: string): boolean;
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/**
 * Catches what no route took, so it must be registered last: 405 with `Allow` where the path has
 * other methods, else 404.
 */
@Controller()
@ApiExcludeController()
export class RouteFallbackController {
  @All('{*path}')
  answer(@Req() request: Request): never {
    const methods = allowedMethods(request);
    if (methods.length > 0) throw new MethodNotAllowedError(methods);
    throw new NotFoundException();
  }
}

function allowedMethods(request: Request): string[] {
  const { stack } = (request.app as unknown as { router: { stack: RouteLayer[] } }).router;
  const methods = new Set<string>();
  for (const layer of stack) {
    if (!layer.route || '_all' in layer.route.methods || layer.route.path.includes('*')) continue;
    if (!layer.match(request.path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
