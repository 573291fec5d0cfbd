import type { ServerResponse } from 'node:http';
import type { ExecutionContext, Logger } from '@nestjs/common';
import type { IncomingRequest } from '../http/incoming-request';
import { isUnread } from '../http/unread-body';
import { isScimType, SCIM_PARSER_LINES, takesParsedBody } from './scim-body-parsers';

/** Says once for each handler that a SCIM client's body was never read: a parser for its type is missing. */
export class UnreadScimBodies {
  private readonly told = new WeakSet<object>();

  constructor(private readonly logger: Logger) {}

  /** Looks when the answer is done: a handler may read the body itself, or have no use for it. */
  watch(execution: ExecutionContext): void {
    const http = execution.switchToHttp();
    const request = http.getRequest<IncomingRequest>();
    if (!isScimType(request.headers['content-type']) || !isUnread(request)) return;
    const [controller, handler] = [execution.getClass(), execution.getHandler()];
    if (this.told.has(handler)) return;
    const reply = http.getResponse<ServerResponse & { readonly raw?: ServerResponse }>();
    const response = reply.raw ?? reply;
    const needsParser = takesParsedBody(controller, handler.name);
    // Before Node's own listener, which drains what nobody read.
    response.prependOnceListener('finish', () => {
      if (this.told.has(handler) || !isUnread(request)) return;
      if (!needsParser && response.statusCode >= 400) return;
      this.told.add(handler);
      this.logger.warn(
        `${controller.name}.${handler.name} was sent a body of type application/scim+json that nothing read. ` +
          `Before the app listens, add on Express: ${SCIM_PARSER_LINES.express}`,
      );
    });
  }
}
