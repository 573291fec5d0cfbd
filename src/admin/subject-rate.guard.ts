import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthLimits } from './auth-limits';
import { claimsOf } from './caller';

/** Bounds what one JWT subject may ask for in a minute. */
@Injectable()
export class SubjectRateGuard implements CanActivate {
  constructor(private readonly limits: AuthLimits) {}

  canActivate(context: ExecutionContext): true {
    this.limits.countRequest(claimsOf(context.switchToHttp().getRequest<object>()).sub);
    return true;
  }
}
