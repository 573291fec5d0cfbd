import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { invalidSyntax, ScimError } from '../protocol/scim.error';
import { rawBodyOf } from './raw-body';

/** `application/scim+json`, `application/json` and their kin; what is not named is taken for JSON. */
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/i;

/** The request's JSON body, decoded after the guard has let the request pass. */
export const ScimBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown =>
  decode(context.switchToHttp().getRequest<Request>()),
);

function decode(request: Request): unknown {
  const { headers } = request;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new ScimError(415, 'Unsupported content encoding');
  if (type.trim() !== '' && !JSON_TYPE.test(type.trim())) {
    throw new ScimError(415, 'Send application/scim+json or application/json');
  }
  const bytes = rawBodyOf(request);
  if (bytes === null) throw new ScimError(413, 'Request body too large');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalidSyntax('The body is not JSON');
  }
}
