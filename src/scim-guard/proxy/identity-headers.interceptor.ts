import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import type { VerifiedScimToken } from '../../verification/scim-token.verifier';

/** Answers a verified token in headers: reverse proxies read no body. */
@Injectable()
export class IdentityHeadersInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(
    execution: ExecutionContext,
    next: CallHandler<VerifiedScimToken>,
  ): Observable<undefined> {
    return next.handle().pipe(
      map(({ tenantId, tokenId, scopes }) => {
        const headers = {
          'X-Scim-Tenant-Id': headerText(tenantId),
          'X-Scim-Token-Id': tokenId,
          'X-Scim-Scopes': scopes.join(' '),
        };
        const response = execution.switchToHttp().getResponse<object>();
        for (const [name, value] of Object.entries(headers)) {
          this.adapterHost.httpAdapter.setHeader(response, name, value);
        }
        return undefined;
      }),
    );
  }
}

/** What a header cannot hold is percent-encoded; a tenant's id in a path has no percent sign. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
