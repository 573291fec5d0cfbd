import {
  Injectable,
  mixin,
  NotFoundException,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { IncomingRequest } from './incoming-request';

/** Guard of the routes that an option turns on: where it is not given, they are as if they were not there. */
export function EnabledGuard(option: 'oauth' | 'setup'): Type<CanActivate> {
  @Injectable()
  class OptionGuard implements CanActivate {
    constructor(private readonly options: ResolvedScimTokensOptions) {}

    canActivate(context: ExecutionContext): true {
      if (this.options[option] !== null) return true;
      throw notFound(context.switchToHttp().getRequest<IncomingRequest>());
    }
  }
  return mixin(OptionGuard);
}

/** What a route that is not there answers. */
export function notFound({ originalUrl, url }: IncomingRequest): NotFoundException {
  return new NotFoundException(`Cannot find ${originalUrl ?? url}`);
}
