import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingRequest } from '../http/incoming-request';

/** Whether the caller asks for an answer that nothing remembered takes part in: RFC 9111 §5.2.1.4. */
export const WantsFresh = createParamDecorator(
  (_: unknown, execution: ExecutionContext): boolean => {
    const { headers } = execution.switchToHttp().getRequest<IncomingRequest>();
    const directives = (headers['cache-control'] ?? '').split(',');
    return directives.some((directive) => directive.trim().toLowerCase() === 'no-cache');
  },
);
