import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ScimRouteError } from './scim-route-error';

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
