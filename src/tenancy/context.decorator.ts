import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RequestContext } from './request-context';
import { contextOf } from './tenant-scope.interceptor';

/** Hands the handler the request's context: caller, tenant scope and where it came from. */
export const Context = createParamDecorator(
  (_: unknown, execution: ExecutionContext): RequestContext =>
    contextOf(execution.switchToHttp().getRequest()),
);
