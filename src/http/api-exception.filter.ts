import { STATUS_CODES } from 'node:http';
import {
  Catch,
  HttpException,
  Injectable,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LogEntry } from '../core/log-entry';
import { isDatabaseUnavailable } from '../database/database-errors';
import { ApiError, ServiceUnavailableError } from '../core/errors';
import { requestIdOf, type IncomingRequest } from './incoming-request';

/** What an error is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Gives every error its answer: `{detail}`, with a list of `{loc, msg, type}` where input was wrong.
 * What we did not foresee is a 500 whose cause stands in the log alone, under the request's id.
 */
@Catch()
@Injectable()
export class ApiExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(ApiExceptionFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const response = http.getResponse<object>();
    const { status, body, headers = {} } = this.answer(error, http.getRequest<IncomingRequest>());
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    for (const [name, value] of Object.entries(headers)) {
      httpAdapter.setHeader(response, name, value);
    }
    httpAdapter.reply(response, body, status);
  }

  /** @returns the answer; what is to be mended stands in the log by then */
  protected answer(error: unknown, request: IncomingRequest): Answer {
    const entry = { err: error, request_id: requestIdOf(request) };
    if (isDatabaseUnavailable(error)) {
      this.logger.warn(new LogEntry('Database unavailable', entry));
      return answerOf(new ServiceUnavailableError());
    }
    if (error instanceof HttpException) return answerOf(error);
    this.logger.error(new LogEntry('Unexpected error', entry));
    return { status: 500, body: { detail: STATUS_CODES[500] } };
  }
}

/** Bodies of our own errors, and those that are no error of Nest's (health), are kept; Nest's get ours. */
function answerOf(error: HttpException): Answer {
  const status = error.getStatus();
  const headers = error instanceof ApiError ? error.headers : {};
  const body = error.getResponse();
  if (typeof body === 'object' && !('statusCode' in body)) return { status, body, headers };
  return { status, body: { detail: STATUS_CODES[status] ?? error.message } };
}
