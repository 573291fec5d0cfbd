import { invalidFilter, invalidValue } from './scim.error';
import type { Filter } from '../filter/filter.ast';
import { FilterSyntaxError } from '../filter/filter.cursor';
import { parseFilter } from '../filter/filter.parser';

/** Most resources in one answer: `filter.maxResults` of ServiceProviderConfig. */
export const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 100;
/** Further than any table goes, and safe in JavaScript and PostgreSQL. */
const LAST_INDEX = 2 ** 31;

/** Query parameters as they came. */
export type RawQuery = Readonly<Record<string, unknown>>;

/** Which resources are asked for. */
export interface ListQuery {
  readonly filter: Filter | null;
  /** The first one's place, from 1. */
  readonly startIndex: number;
  readonly count: number;
  /** Whether the filter may name attributes that only other types of resources have; no by default. */
  readonly acrossTypes?: boolean;
}

/**
 * Reads a list's parameters, RFC 7644 §3.4.2: less than 1 is 1, less than 0 is 0, too many are fewer.
 *
 * @throws ScimError invalidFilter or invalidValue
 */
export function readListQuery(query: RawQuery): ListQuery {
  return {
    filter: readFilter(lastOf(query.filter)),
    startIndex: Math.min(Math.max(readInteger(query, 'startIndex') ?? 1, 1), LAST_INDEX),
    count: Math.min(Math.max(readInteger(query, 'count') ?? DEFAULT_PAGE_SIZE, 0), MAX_PAGE_SIZE),
  };
}

/** A parameter's text; of a repeated one the last. */
export function lastOf(value: unknown): string | null {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : null;
}

function readFilter(text: string | null): Filter | null {
  if (text === null) return null;
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) throw invalidFilter(`Invalid filter: ${error.message}`);
    throw error;
  }
}

function readInteger(query: RawQuery, name: 'startIndex' | 'count'): number | null {
  const text = lastOf(query[name])?.trim() ?? '';
  if (text === '') return null;
  if (!/^[+-]?\d+$/.test(text)) throw invalidValue(`${name} must be an integer`);
  return Number(text);
}
