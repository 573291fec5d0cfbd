import { decodedBody } from './request-body';
import { RAW_BODY, type IncomingRequest } from './incoming-request';

/**
 * The fields of a form-encoded body, of a repeated one the last. A JSON object's strings are taken as well:
 * whoever sends the right field in the other format means it. Anything else has no fields.
 */
export function formFields(request: IncomingRequest): Readonly<Record<string, string>> {
  const raw = request[RAW_BODY];
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (raw && 'bytes' in raw && type.trim().toLowerCase() === 'application/x-www-form-urlencoded') {
    return Object.fromEntries(new URLSearchParams(raw.bytes.toString('utf8')));
  }
  const body = decodedBody(request);
  const value: unknown = body.ok ? body.value : null;
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
