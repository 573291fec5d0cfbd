import type { Attribute } from './attribute';

/** Whether the attribute's letters count. */
export const isCaseExact = ({ caseExact, type }: Attribute): boolean =>
  caseExact || type === 'binary';

/** Text as it is compared where the case of letters does not count; a sigma at a word's end is a sigma. */
export const fold = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ');

/** A value as it is compared with others of the same attribute. */
export const foldAs = (attribute: Attribute, value: unknown): unknown =>
  typeof value === 'string' && !isCaseExact(attribute) ? fold(value) : value;

/**
 * The same as {@link fold} in SQL. By ICU's collation, which every PostgreSQL has: what the database was
 * created with must not decide which letters are the same.
 */
export const foldedSql = (sql: string): string =>
  `(translate(lower(${sql} COLLATE "und-x-icu"), 'ς', 'σ') COLLATE "default")`;
