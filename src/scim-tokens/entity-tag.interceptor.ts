import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { tap, type Observable } from 'rxjs';
import type { IncomingRequest } from '../common/http/incoming-request';
import { versionOf, type ScimTokenResponse } from './dto/scim-token.response';
import { entityTag } from './precondition';

/** Sets `ETag` on an answer that is a token. */
@Injectable()
export class EntityTagInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(
    execution: ExecutionContext,
    next: CallHandler<ScimTokenResponse>,
  ): Observable<ScimTokenResponse> {
    const http = execution.switchToHttp();
    // Express would answer 304 by itself, and hide that the token was used since: its use leaves the tag.
    delete http.getRequest<IncomingRequest>().headers['if-none-match'];
    return next.handle().pipe(
      tap((token) => {
        const { httpAdapter } = this.adapterHost;
        httpAdapter.setHeader(http.getResponse(), 'ETag', entityTag(versionOf(token)));
      }),
    );
  }
}
