import type { SqlParameters } from '../../database/sql-parameters';
import { invalidFilter } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import {
  subAttributeOf,
  type AttributeIndex,
  type AttributePlace,
} from '../schema/attribute-index';

import type { AttributePath, Comparison, Filter, Presence } from './filter.ast';

import { condition, type SqlValue } from './condition';
import { partOf } from './value-matcher';

/** A list's values as rows. */
export interface SqlRows {
  /** FROM clause and the condition that ties the rows to the resource. */
  readonly from: string;
  readonly where: string;
  /** A part of one value, null where filters cannot ask for it. */
  part(attribute: Attribute): SqlValue | null;
  /** A condition that an index answers and that holds wherever `value eq` does. */
  readonly lookup?: (placeholder: string) => string;
}

/** How a resource's attributes are reached in its table. */
export interface FilterSource {
  readonly index: AttributeIndex;
  /** Path of the type below the base URL, with a leading slash. */
  readonly endpoint: string;
  single(place: AttributePlace, parameters: SqlParameters): SqlValue | null;
  rows(place: AttributePlace): SqlRows | null;
  extension(urn: string): string;
  /** Whether a name that the type lacks is one that others have: it has no value here then. */
  readonly isKnownElsewhere?: (path: AttributePath) => boolean;
}

/**
 * Turns a filter into a condition with parameters.
 *
 * @throws ScimError invalidFilter where it asks for what cannot be asked
 */
export function filterToSql(
  filter: Filter,
  source: FilterSource,
  parameters: SqlParameters,
): string {
  return combine(filter, (leaf) => {
    if (source.index.find(leaf.path) === null && source.isKnownElsewhere?.(leaf.path)) {
      return isUnassigned(leaf) ? 'TRUE' : 'FALSE';
    }
    if (leaf.kind === 'values') {
      const { attribute, rows } = listAt(source, leaf.path);
      const test = valuesToSql(leaf.filter, attribute, rows, parameters);
      return withLookups(leaf.filter, attribute, rows, parameters, exists(rows, test));
    }
    return leafToSql(leaf, source, parameters);
  });
}

/**
 * Turns a filter on one value of a list into a condition on its row.
 *
 * @throws ScimError invalidFilter where it asks for what cannot be asked
 */
export function valuesToSql(
  filter: Filter,
  list: Attribute,
  rows: SqlRows,
  parameters: SqlParameters,
): string {
  return combine(filter, (leaf) => {
    if (leaf.kind === 'values') throw invalidFilter(`${list.name} has no lists inside`);
    return conditionOf(leaf, partOf(list, leaf.path), rows, parameters);
  });
}

/** Whether a condition holds of an attribute without a value. */
function isUnassigned(leaf: Leaf): boolean {
  if (leaf.kind !== 'compare') return false;
  return (leaf.operator === 'eq') === (leaf.value === null) && ['eq', 'ne'].includes(leaf.operator);
}

type Leaf = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

/** A condition that is neither true nor false, of an absent attribute, counts as false under `not` too. */
function combine(filter: Filter, leafToSql: (leaf: Leaf) => string): string {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => combine(part, leafToSql));
      return `(${parts.join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return `((${combine(filter.filter, leafToSql)}) IS NOT TRUE)`;
    default:
      return leafToSql(filter);
  }
}

function leafToSql(
  leaf: Comparison | Presence,
  source: FilterSource,
  parameters: SqlParameters,
): string {
  const place = source.index.find(leaf.path);
  if (place === null) throw invalidFilter('The filter names an attribute that is not defined');
  if (place.kind === 'extension') {
    if (leaf.kind === 'present') return source.extension(place.extension.id);
    throw invalidFilter('A whole extension cannot be compared');
  }
  if (place.attribute.multiValued) return listToSql(leaf, place, source, parameters);
  if (place.attribute.type === 'complex' && place.sub === null && leaf.kind === 'compare') {
    const sub = valuePartOf(place.attribute);
    return singleToSql(leaf, { ...place, sub }, source, parameters);
  }
  return singleToSql(leaf, place, source, parameters);
}

function singleToSql(
  leaf: Comparison | Presence,
  place: AttributePlace,
  source: FilterSource,
  parameters: SqlParameters,
): string {
  const attribute = place.sub ?? place.attribute;
  const value = source.single(place, parameters);
  if (value === null) throw invalidFilter(`${attribute.name} cannot be filtered by`);
  return condition(leaf, attribute, value, parameters);
}

/** Of a list one value has to match; without a part named, its `value` is meant. */
function listToSql(
  leaf: Comparison | Presence,
  place: AttributePlace,
  source: FilterSource,
  parameters: SqlParameters,
): string {
  const rows = source.rows(place);
  if (rows === null) throw invalidFilter(`${place.attribute.name} cannot be filtered by`);
  const none = leaf.kind === 'compare' && leaf.value === null && leaf.operator === 'eq';
  if (none) return `NOT ${exists(rows, 'TRUE')}`;
  if (leaf.kind === 'present' && place.sub === null) return exists(rows, 'TRUE');
  const part = place.sub ?? valuePartOf(place.attribute);
  const found = exists(rows, conditionOf(leaf, part, rows, parameters));
  return part.name === 'value' ? lookedUp(leaf, rows, parameters, found) : found;
}

/** Lets an index find the few resources that can meet the condition, where the filter allows it. */
function withLookups(
  filter: Filter,
  list: Attribute,
  rows: SqlRows,
  parameters: SqlParameters,
  found: string,
): string {
  if (filter.kind === 'and') {
    return filter.filters.reduce(
      (sql, part) => withLookups(part, list, rows, parameters, sql),
      found,
    );
  }
  if (filter.kind !== 'compare' || partOf(list, filter.path).name !== 'value') return found;
  return lookedUp(filter, rows, parameters, found);
}

function lookedUp(
  leaf: Comparison | Presence,
  { lookup }: SqlRows,
  parameters: SqlParameters,
  found: string,
): string {
  if (lookup === undefined || leaf.kind !== 'compare' || leaf.operator !== 'eq') return found;
  if (typeof leaf.value !== 'string') return found;
  return `(${lookup(parameters.use(leaf.value))} AND ${found})`;
}

function listAt(
  source: FilterSource,
  path: AttributePath,
): { attribute: Attribute; rows: SqlRows } {
  const place = source.index.find(path);
  const rows = place?.kind === 'attribute' && place.sub === null ? source.rows(place) : null;
  if (place?.kind !== 'attribute' || !place.attribute.multiValued || rows === null) {
    throw invalidFilter('Only lists have values to choose from');
  }
  return { attribute: place.attribute, rows };
}

/** A list of plain values has no parts: each is a value of its own. */
function valuePartOf(attribute: Attribute): Attribute {
  if (attribute.type !== 'complex') return attribute;
  const part = subAttributeOf(attribute, 'value');
  if (part === null) throw invalidFilter(`${attribute.name} has no value of its own`);
  return part;
}

const exists = ({ from, where }: SqlRows, test: string): string =>
  `EXISTS (SELECT 1 FROM ${from} WHERE ${where} AND ${test})`;

function conditionOf(
  leaf: Comparison | Presence,
  part: Attribute,
  rows: SqlRows,
  parameters: SqlParameters,
): string {
  const value = rows.part(part);
  if (value === null) throw invalidFilter(`${part.name} cannot be filtered by`);
  return condition(leaf, part, value, parameters);
}
