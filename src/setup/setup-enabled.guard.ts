import {
  Injectable,
  NotFoundException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { IncomingRequest } from '../http/incoming-request';

/** Where the option `setup` is not given, there is no page, no link and nothing for it to call. */
@Injectable()
export class SetupEnabledGuard implements CanActivate {
  constructor(private readonly options: ResolvedScimTokensOptions) {}

  canActivate(context: ExecutionContext): true {
    if (this.options.setup !== null) return true;
    const { url } = context.switchToHttp().getRequest<IncomingRequest>();
    throw new NotFoundException(`Cannot find ${url}`);
  }
}
