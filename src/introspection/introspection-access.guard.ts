import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { claimsOf, introspectorFrom, setCaller } from '../admin/caller';

/** Turns the verified claims into a caller, and refuses one who may not ask about tokens. */
@Injectable()
export class IntrospectionAccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<object>();
    setCaller(request, introspectorFrom(claimsOf(request)));
    return true;
  }
}
