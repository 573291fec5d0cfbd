import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { namesTag } from '../protocol/precondition';
import type { ResourceAnswer } from '../protocol/resource';

/**
 * Sets what is known of a resource beside its body: its entity tag, its place when it is new. Nothing to show is 204.
 * Not for lists: there is nothing to set, and Nest answers through observables where there is an interceptor.
 */
export class ResourceHeadersInterceptor implements NestInterceptor<ResourceAnswer | undefined> {
  intercept(
    context: ExecutionContext,
    next: CallHandler<ResourceAnswer | undefined>,
  ): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    return next.handle().pipe(
      map((answer) => {
        if (answer !== undefined) response.setHeader('ETag', answer.version);
        if (answer !== undefined && response.statusCode === 201) {
          response.setHeader('Location', answer.location);
        }
        if (answer?.body && !isKnown(request, answer)) return answer.body;
        response.status(answer?.body ? 304 : 204);
        return undefined;
      }),
    );
  }
}

/** Whether the client has the resource already. Express would send it to who says no-cache, as fetch does. */
function isKnown({ method, headers }: Request, { version }: ResourceAnswer): boolean {
  const condition = headers['if-none-match'];
  return (
    ['GET', 'HEAD'].includes(method) && condition !== undefined && namesTag(condition, version)
  );
}
