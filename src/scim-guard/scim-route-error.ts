import { LACKS_SCOPE, NOT_ACCEPTED } from '../core/refusal';
import type { ScimScope } from '../core/token';
import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** An answer to a SCIM client that is not let through: RFC 7644 §3.12. */
export class ScimRouteError extends Error {
  private constructor(
    readonly status: 401 | 403 | 503,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super(detail);
    this.name = ScimRouteError.name;
  }

  /** The same for every reason, a missing token included. */
  static readonly refused = (): ScimRouteError =>
    new ScimRouteError(401, NOT_ACCEPTED, {
      'WWW-Authenticate': 'Bearer realm="SCIM", error="invalid_token"',
    });

  /** The token is good, but not for this. */
  static readonly insufficientScope = (scopes: readonly ScimScope[]): ScimRouteError =>
    new ScimRouteError(403, LACKS_SCOPE, {
      'WWW-Authenticate': `Bearer realm="SCIM", error="insufficient_scope", scope="${scopes.join(' ')}"`,
    });

  /** Our own trouble: an identity provider gives up on a token that gets a 401. */
  static readonly unavailable = (retryAfterSeconds: number): ScimRouteError =>
    new ScimRouteError(503, 'Service temporarily unavailable', {
      'Retry-After': String(retryAfterSeconds),
    });

  /** The body. */
  toBody(): { schemas: string[]; status: string; detail: string } {
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(this.status),
      detail: this.detail,
    };
  }
}

/** Answers a SCIM client that is not let through. Looks at nothing else, so that a host keeps its own errors. */
@Catch(ScimRouteError)
@Injectable()
export class ScimRouteErrorFilter implements ExceptionFilter<ScimRouteError> {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: ScimRouteError, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const response = host.switchToHttp().getResponse<object>();
    const headers = { ...error.headers, 'Content-Type': 'application/scim+json; charset=utf-8' };
    for (const [name, value] of Object.entries(headers)) {
      httpAdapter.setHeader(response, name, value);
    }
    // As text: adapters differ in which objects they would write as JSON under this content type.
    httpAdapter.reply(response, JSON.stringify(error.toBody()), error.status);
  }
}
