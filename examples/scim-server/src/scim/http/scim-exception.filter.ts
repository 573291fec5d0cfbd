import {
  Catch,
  HttpException,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { Response } from 'express';
import { QueryFailedError } from 'typeorm';
import { ScimError } from '../protocol/scim.error';

const UNAVAILABLE = new ScimError(503, 'Service temporarily unavailable', null, {
  'Retry-After': '5',
});
const INTERNAL = new ScimError(500, 'Internal Server Error');
/** Classes of PostgreSQL's codes that are no fault of the statement: connection, resources, operator, rollback. */
const TROUBLE = /^(08|53|57|40|55P03)/;
const CONNECTION = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

/** Answers what goes wrong on SCIM routes as RFC 7644 §3.12 has it; causes go to the log alone. */
@Catch()
export class ScimExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(ScimExceptionFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, detail, scimType, headers } = this.answerTo(error);
    response
      .status(status)
      .set(headers)
      .type('application/scim+json')
      .json({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(status),
        ...(scimType !== null && { scimType }),
        detail,
      });
  }

  private answerTo(error: unknown): ScimError {
    if (error instanceof ScimError) return error;
    if (error instanceof HttpException && error.getStatus() < 500) {
      return new ScimError(error.getStatus(), error.message);
    }
    if (isTrouble(error)) {
      this.logger.warn(`Database trouble: ${codeOf(error)}`);
      return UNAVAILABLE;
    }
    // PostgreSQL's text may quote a user's data: of a failed statement only the code is told.
    if (error instanceof QueryFailedError) this.logger.error(`Statement failed: ${codeOf(error)}`);
    else this.logger.error(error instanceof Error ? error.stack : 'Unknown error');
    return INTERNAL;
  }
}

function isTrouble(error: unknown): boolean {
  const code = codeOf(error);
  const lost =
    error instanceof Error &&
    /connection (terminated|timeout)|timeout exceeded/i.test(error.message);
  return lost || CONNECTION.has(code) || (error instanceof QueryFailedError && TROUBLE.test(code));
}

function codeOf(error: unknown): string {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = (source as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
