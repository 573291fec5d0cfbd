import { types, type CustomTypesConfig } from 'pg';
import { parse as parseArray } from 'postgres-array';
import parseInstant from 'postgres-date';

const { BOOL, INT2, INT4, JSON: JSON_TEXT, JSONB, TIMESTAMPTZ } = types.builtins;
/** Arrays have no name there. */
const TEXT_ARRAY = 1009;

type Parser = (text: string) => unknown;

/** By type; whatever is not listed stays the text that the server sent, a bigint too. */
const PARSERS = new Map<number, Parser>([
  [BOOL, (text) => text === 't'],
  [INT2, Number],
  [INT4, Number],
  [JSON_TEXT, (text) => JSON.parse(text) as unknown],
  [JSONB, (text) => JSON.parse(text) as unknown],
  [TIMESTAMPTZ, parseInstant],
  [TEXT_ARRAY, (text) => parseArray(text)],
]);

/**
 * How the columns of our statements are read, for pg's option `types`. Parsers that an application sets
 * with `pg.types.setTypeParser`, for its pool or for its data source are for its own statements: a
 * timestamp stays a Date here, and a bigint text.
 */
export const OWN_TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number): Parser => PARSERS.get(oid) ?? String,
};
