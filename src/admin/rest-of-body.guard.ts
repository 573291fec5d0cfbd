import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { BodyTooLargeError, ServiceUnavailableError } from '../core/errors';
import { RAW_BODY, type IncomingRequest, type UnreadBody } from '../http/incoming-request';
import { claimsIfAny } from './caller';

/** Reads the bodies that the service reads of authenticated callers alone. Stands behind the JWT's guard, where there is one. */
@Injectable()
export class RestOfBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const body = request[RAW_BODY];
    return body && 'read' in body ? this.readOf(request, body) : true;
  }

  private async readOf(request: IncomingRequest, unread: UnreadBody): Promise<true> {
    if (!claimsIfAny(request)) throw new ServiceUnavailableError();
    const body = await unread.read();
    if ('tooLarge' in body) throw new BodyTooLargeError();
    request[RAW_BODY] = body;
    return true;
  }
}
