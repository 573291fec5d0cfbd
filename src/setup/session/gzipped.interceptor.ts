import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';
import { answersItself } from '../../http/global-interceptors';
import type { IncomingRequest } from '../../http/incoming-request';
import { acceptedEncoding } from '../page/compressible-file';

const compress = promisify(gzip);

/**
 * Compresses an answer for who takes that: all providers' steps are long, and the page asks every few seconds. Not
 * for answers that hold a value, whose length would then tell of it.
 */
@Injectable()
export class GzippedInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<object> {
    // A host's interceptors, where they run, see the object, as of any other answer.
    if (!answersItself(context)) return next.handle();
    const http = context.switchToHttp();
    const { headers } = http.getRequest<IncomingRequest>();
    if (acceptedEncoding(headers['accept-encoding'], ['gzip']) === null) return next.handle();
    return next.handle().pipe(
      mergeMap(async (body) => {
        const bytes = await compress(JSON.stringify(body));
        const { httpAdapter } = this.adapterHost;
        httpAdapter.setHeader(http.getResponse<object>(), 'Content-Encoding', 'gzip');
        const type = 'application/json; charset=utf-8';
        return new StreamableFile(bytes, { type, length: bytes.length });
      }),
    );
  }
}
