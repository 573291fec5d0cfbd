import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { BodyTooLargeError } from '../core/errors';
import { RAW_BODY, type IncomingRequest } from './incoming-request';

/** Answers 413 for a body that the parser noted as too large, before anything else is looked at. */
@Injectable()
export class BodyLimitGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const body = context.switchToHttp().getRequest<IncomingRequest>()[RAW_BODY];
    if (body && 'tooLarge' in body) throw new BodyTooLargeError();
    return true;
  }
}
