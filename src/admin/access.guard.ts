import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InsufficientPermissionsError, PlatformScopeRequiredError } from '../core/errors';
import { ACCESS, type AccessKind } from './access.decorator';
import { callerFrom, claimsOf, setCaller } from './caller';

/** Scopes of which a platform token needs one. */
const SCOPES: Readonly<Record<AccessKind, readonly string[]>> = {
  read: ['admin:read', 'admin:write'],
  write: ['admin:write'],
  import: ['admin:write'],
};

/** Turns the verified claims into a caller, and refuses one whose role may not do this. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<object>();
    const kind = this.reflector.get<AccessKind | undefined>(ACCESS, context.getHandler());
    if (kind === undefined) throw new Error('A handler does not say what it does');
    const caller = callerFrom(claimsOf(request));
    if (
      caller.kind === 'platform' &&
      !SCOPES[kind].some((scope) => caller.scopes.includes(scope))
    ) {
      throw new PlatformScopeRequiredError();
    }
    if (kind === 'import' && caller.kind !== 'platform' && caller.kind !== 'super_admin') {
      throw new InsufficientPermissionsError();
    }
    setCaller(request, caller);
    return true;
  }
}
