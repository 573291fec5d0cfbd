import { HttpException, Injectable, Logger } from '@nestjs/common';
import { ApiError, InvalidTokenError } from '../core/errors';
import { authorizationOf, readAuthorization } from '../http/authorization';
import type { IncomingRequest } from '../http/incoming-request';
import { isDatabaseUnavailable } from '../database/database-errors';
import { RateWindow } from './auth-limits';

/** Key of all that a host's code throws: its texts may differ with each request. */
const THROWN = 'thrown';

/**
 * What becomes of an authentication that failed: the caller learns no more than 401, and the log, at
 * most once a minute for each reason, what to mend.
 */
@Injectable()
export class AdminRefusals {
  private readonly logger = new Logger('ScimTokensAuthentication');
  private readonly told = new RateWindow(1);

  /** The error to answer with: an outage stays one, all else is 401. */
  refusal(error: unknown, request: IncomingRequest): unknown {
    if (error instanceof InvalidTokenError) {
      const { reason } = error;
      if (reason !== undefined && this.isDue(reason)) {
        this.logger.warn(`An admin JWT was refused: ${reason}. Said once a minute.`);
      }
      return error;
    }
    if (error instanceof ApiError || isOutage(error)) return error;
    if (isOfJsonWebToken(error)) {
      return this.refusal(
        new InvalidTokenError(withoutCredential(error.message, request)),
        request,
      );
    }
    if (this.isDue(THROWN)) {
      const { stack } = error instanceof Error ? error : new Error(String(error));
      this.logger.error(
        'What adminAuthentication.authenticate or jwt.claims threw was answered with 401. Said once a minute.',
        withoutCredential(stack ?? '', request),
      );
    }
    return new InvalidTokenError();
  }

  private isDue(reason: string): boolean {
    if (this.told.secondsToWait(reason) > 0) return false;
    this.told.count(reason);
    return true;
  }
}

/** What everyone's JWT library throws for a JWT that is not good: no fault of the code. */
export function isOfJsonWebToken(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ['JsonWebTokenError', 'TokenExpiredError', 'NotBeforeError'].includes(error.name)
  );
}

/** A host's text may well quote what was sent. */
function withoutCredential(text: string, request: IncomingRequest): string {
  const sent = readAuthorization(authorizationOf(request));
  const words = sent.kind === 'missing' ? [] : sent.value.split(/[ ,]+/).filter(Boolean);
  if (words.length === 0) return text;
  const any = words.map((word) => word.replace(/\W/g, '\\$&')).join('|');
  return text.replace(new RegExp(any, 'g'), '[redacted]');
}

function isOutage(error: unknown): boolean {
  const isServerFault = error instanceof HttpException && error.getStatus() >= 500;
  return isServerFault || isDatabaseUnavailable(error);
}
