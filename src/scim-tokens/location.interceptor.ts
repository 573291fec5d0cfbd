import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { tap, type Observable } from 'rxjs';
import type { IncomingRequest } from '../common/http/incoming-request';

/** Sets `Location` of what a POST to a collection has made, under whatever prefix a host serves it. */
@Injectable()
export class LocationInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(execution: ExecutionContext, next: CallHandler<{ id: string }>): Observable<unknown> {
    const http = execution.switchToHttp();
    const { originalUrl, url } = http.getRequest<IncomingRequest>();
    const collection = (originalUrl ?? url).replace(/\?.*$/s, '').replace(/\/$/, '');
    return next.handle().pipe(
      tap(({ id }) => {
        const { httpAdapter } = this.adapterHost;
        httpAdapter.setHeader(http.getResponse(), 'Location', `${collection}/${id}`);
      }),
    );
  }
}
