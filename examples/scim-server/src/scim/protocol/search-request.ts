import { isObject, memberOf } from '../schema/document';
import { requireSchema } from '../schema/read-document';
import type { RawQuery } from './list-query';
import { invalidSyntax, invalidValue } from './scim.error';

const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/**
 * Reads a query that was sent as a body, RFC 7644 §3.4.3, into the parameters that GET has in its URL.
 *
 * @throws ScimError invalidSyntax or invalidValue
 */
export function readSearchRequest(body: unknown): RawQuery {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object');
  requireSchema(body, SEARCH_SCHEMA);
  return {
    ...textOf(body, 'filter', 'string'),
    ...textOf(body, 'startIndex', 'number'),
    ...textOf(body, 'count', 'number'),
    ...namesIn(body, 'attributes'),
    ...namesIn(body, 'excludedAttributes'),
  };
}

/** A number may come as text. */
function textOf(body: Record<string, unknown>, name: string, type: 'string' | 'number'): RawQuery {
  const value = memberOf(body, name) ?? null;
  if (value === null) return {};
  if (typeof value === 'string') return { [name]: value };
  if (typeof value === 'number' && type === 'number') return { [name]: String(value) };
  throw invalidValue(`${name} must be a ${type}`);
}

function namesIn(body: Record<string, unknown>, name: string): RawQuery {
  const value = memberOf(body, name) ?? [];
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!names.every((one) => typeof one === 'string')) {
    throw invalidValue(`${name} must be a list of strings`);
  }
  return { [name]: names };
}
