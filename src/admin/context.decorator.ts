import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { contextOf, type RequestContext } from '../core/request-context';

/** Hands the handler the request's context: caller, tenant scope and where it came from. */
export const Context = createParamDecorator(
  (_: unknown, execution: ExecutionContext): RequestContext =>
    contextOf(execution.switchToHttp().getRequest()),
);
