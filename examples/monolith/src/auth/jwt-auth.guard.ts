import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { isScimTokensRoute } from 'nest-scim-tokens';
import type { Observable } from 'rxjs';
import { IS_PUBLIC } from './public.decorator';

/** Guards every route of the platform. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(
    context: ExecutionContext,
  ): boolean | Promise<boolean> | Observable<boolean> {
    // The admin API of SCIM tokens brings its own guards.
    if (isScimTokensRoute(context)) return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;
    return super.canActivate(context);
  }
}
