import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InsufficientPermissionsError, PlatformScopeRequiredError } from '../core/errors';
import { callerFrom, claimsOf, setCaller } from './caller';

/** What an operation does to tokens; `import` is a write for those who may act for every tenant. */
export type AccessKind = 'read' | 'write' | 'import';

/** Metadata key under which a handler says what it does. */
export const ACCESS = 'scim-tokens:access';

/** Says what an operation does, and so who may call it. A handler that does not say so is a 500. */
export const Access = (kind: AccessKind) => SetMetadata(ACCESS, kind);

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
