import {
  All,
  Controller,
  type DynamicModule,
  Module,
  NotFoundException,
  Req,
  UseFilters,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { MethodNotAllowedError } from '../core/errors';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.options';
import { pathOf } from '../http/incoming-request';
import { TokenEndpointFilter } from '../oauth/oauth-error';

/** Path of the token endpoint, below the root of the service. */
export const TOKEN_PATH = `/${DEFAULT_EXTRAS.publicPath}/oauth/token`;

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
class RouteFallbackController {
  @All('{*path}')
  answer(@Req() request: Request): never {
    const methods = allowedMethods(request);
    if (methods.length > 0) throw new MethodNotAllowedError(methods);
    throw new NotFoundException();
  }
}

/** Answers for the methods that Nest has no decorator for: those the token endpoint does not refuse by itself. */
@Controller()
@ApiExcludeController()
class TokenEndpointFallbackController {
  @All(TOKEN_PATH)
  @UseFilters(TokenEndpointFilter)
  answer(): never {
    throw new MethodNotAllowedError(['POST']);
  }
}

/** Answers for whatever no other module's route took; imported last. */
@Module({})
export class RouteFallbackModule {
  /** @param hasTokenEndpoint whether the token endpoint is one of the routes */
  static beside(hasTokenEndpoint: boolean): DynamicModule {
    return {
      module: RouteFallbackModule,
      controllers: [
        ...(hasTokenEndpoint ? [TokenEndpointFallbackController] : []),
        RouteFallbackController,
      ],
    };
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

/** Most segments that are decoded one by one: each that cannot be costs an error. */
const MAX_SEGMENTS = 32;

/**
 * An id that cannot be percent-decoded is an unknown id, not a fault of its own: it is escaped once
 * more, so that the router hands it on as it was sent.
 */
export function tolerateBadEscapes(
  request: Request,
  _response: Response,
  next: NextFunction,
): void {
  if (request.url.includes('%')) {
    const path = pathOf(request.url);
    const segments = path.split('/');
    // No route has as many: there is nothing to tell one segment from another for.
    const escaped =
      segments.length > MAX_SEGMENTS ? escape(path) : segments.map(decodable).join('/');
    request.url = escaped + request.url.slice(path.length);
  }
  next();
}

function decodable(segment: string): string {
  try {
    decodeURIComponent(segment);
    return segment;
  } catch {
    return escape(segment);
  }
}

function escape(text: string): string {
  return text.replaceAll('%', '%25');
}
