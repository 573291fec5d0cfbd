import { readCursor, writeCursor, Rejected } from '../../http/validation/read-values';
import { type TokenRow, fromTokenId, toTokenId } from '../../core/token';

/** What a list may be sorted by; `-` for descending. */
export const TOKEN_SORTS = [
  'created_at',
  '-created_at',
  'name',
  '-name',
  'expires_at',
  '-expires_at',
] as const;

/** One of {@link TOKEN_SORTS}. */
export type TokenSort = (typeof TOKEN_SORTS)[number];

/** How a list is sorted when nothing else is said: newest first. */
export const DEFAULT_SORT: TokenSort = '-created_at';

/** Tokens on a page when nothing else is said. */
export const PER_PAGE_DEFAULT = 20;

/** The column behind a sort, and its direction. Ids break ties, in the same direction. */
export function orderOf(sort: TokenSort): {
  readonly column: 'created_at' | 'name' | 'expires_at';
  readonly descending: boolean;
} {
  const descending = sort.startsWith('-');
  return { column: sort.replace('-', '') as 'created_at' | 'name' | 'expires_at', descending };
}

/** Where in a list a page begins: after this token. */
export class ListCursor {
  constructor(
    readonly sort: TokenSort,
    /** The token's value of the column the list is sorted by; null for an end that never comes. */
    readonly key: string | Date | null,
    /** The token's UUID. */
    readonly id: string,
  ) {}

  /** The position after a row. */
  static after(row: TokenRow, sort: TokenSort): ListCursor {
    return new ListCursor(sort, row[orderOf(sort).column], row.id);
  }

  /** The cursor as a client gets it. */
  toString(): string {
    const key = this.key instanceof Date ? this.key.toISOString() : this.key;
    return writeCursor([this.sort, key, toTokenId(this.id)]);
  }
}

/** Reads a cursor from a request. */
export function readListCursor(input: unknown): ListCursor | Rejected {
  const [name, text, tokenId, ...rest] = readCursor(input) ?? [];
  const sort = TOKEN_SORTS.find((candidate) => candidate === name);
  const id = typeof tokenId === 'string' ? fromTokenId(tokenId) : null;
  if (sort === undefined || id === null || rest.length > 0) {
    return new Rejected('bad_cursor');
  }
  const { column } = orderOf(sort);
  if (text === null && column === 'expires_at') return new ListCursor(sort, null, id);
  if (typeof text !== 'string') return new Rejected('bad_cursor');
  const key = column === 'name' ? nameFrom(text) : instantFrom(text);
  return key === null ? new Rejected('bad_cursor') : new ListCursor(sort, key, id);
}

function nameFrom(text: string): string | null {
  return text.isWellFormed() && !text.includes('\0') ? text : null;
}

function instantFrom(text: string): Date | null {
  const instant = new Date(text);
  return /^\d{4}-/.test(text) && !Number.isNaN(instant.getTime()) && instant.toISOString() === text
    ? instant
    : null;
}
