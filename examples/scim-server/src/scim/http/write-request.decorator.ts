import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { WriteRequest } from '../protocol/write-request';

/** What a write takes beside its body: If-Match, and which attributes to answer. */
export const WriteParameters = createParamDecorator(
  (_: unknown, context: ExecutionContext): WriteRequest => {
    const { headers, query } = context.switchToHttp().getRequest<Request>();
    return { condition: headers['if-match'] ?? null, query };
  },
);
