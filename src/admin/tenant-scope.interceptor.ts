import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { TenantScoping } from './tenant-scoping';

/** Gives a request that changes something its tenant scope, after the guards and before validation. */
@Injectable()
export class TenantScopeInterceptor implements NestInterceptor {
  constructor(private readonly scoping: TenantScoping) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    await this.scoping.apply(execution);
    return next.handle();
  }
}
