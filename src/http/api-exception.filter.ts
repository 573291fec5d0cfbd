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
import { statusOf } from '../core/error-status';
import { ApiError, ServiceUnavailableError } from '../core/errors';
import { requestIdOf, type IncomingRequest } from './incoming-request';
import { InputInvalidError, toErrorList } from './validation';

interface Answer {
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

  private answer(error: unknown, request: IncomingRequest): Answer {
    if (error instanceof InputInvalidError) return detail(422, toErrorList(error.tree));
    if (error instanceof ApiError) return detail(statusOf(error), error.detail, error.headers);
    if (error instanceof HttpException) return httpAnswer(error);
    if (isDatabaseUnavailable(error)) {
      this.logger.warn(
        new LogEntry('Database unavailable', { err: error, request_id: requestIdOf(request) }),
      );
      return this.answer(new ServiceUnavailableError(), request);
    }
    this.logger.error(
      new LogEntry('Unexpected error', { err: error, request_id: requestIdOf(request) }),
    );
    return detail(500, STATUS_CODES[500]);
  }
}

/** Nest's own exceptions keep their status; bodies that are no error of Nest's (health) are kept too. */
function httpAnswer(error: HttpException): Answer {
  const status = error.getStatus();
  const body = error.getResponse();
  if (typeof body === 'object' && !('statusCode' in body)) return { status, body };
  return detail(status, STATUS_CODES[status] ?? error.message);
}

function detail(
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return { status, body: { detail: value }, ...(headers && { headers }) };
}
