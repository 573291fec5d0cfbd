import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import type { ScimDocument } from '../schema/document';

/**
 * Sets what a resource's `meta` says beside it: its entity tag, its place when it is new. Nothing to tell is 204.
 * Not for lists: there is nothing to set, and Nest answers through observables where there is an interceptor.
 */
export class ResourceHeadersInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((body) => {
        if (body === undefined) response.status(204);
        const meta = (body as { meta?: ScimDocument } | undefined)?.meta;
        if (typeof meta?.version === 'string') response.setHeader('ETag', meta.version);
        if (typeof meta?.location === 'string' && response.statusCode === 201) {
          response.setHeader('Location', meta.location);
        }
        return body;
      }),
    );
  }
}
