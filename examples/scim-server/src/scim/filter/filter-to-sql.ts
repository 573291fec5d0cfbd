import type { SqlParameters } from '../../database/sql-parameters';
import { invalidFilter } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import {
  subAttributeOf,
  type AttributeIndex,
  type AttributePlace,
} from '../schema/attribute-index';
import type { AttributePath, Comparison, CompareOperator, Filter, Presence } from './filter.ast';
import { isCaseExact, operandOf, type Operand } from './operand';
import { partOf } from './value-matcher';

/** What a table knows of an attribute. Every text here is a constant of the code, none is a client's. */
export interface SqlValue {
  readonly sql: string;
  /** `text` that is not `folded` is folded for attributes whose letters' case does not count. */
  readonly type: 'text' | 'folded' | 'boolean' | 'time' | 'uuid';
}

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
  single(place: AttributePlace): SqlValue | null;
  rows(place: AttributePlace): SqlRows | null;
  extension(urn: string): string;
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
  const value = source.single(place);
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

function valuePartOf(attribute: Attribute): Attribute {
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

function condition(
  leaf: Comparison | Presence,
  attribute: Attribute,
  value: SqlValue,
  parameters: SqlParameters,
): string {
  if (leaf.kind === 'present') {
    const text = value.type === 'text' || value.type === 'folded';
    return text ? `coalesce(${value.sql}, '') <> ''` : `(${value.sql}) IS NOT NULL`;
  }
  const operand = operandOf(attribute, leaf.operator, leaf.value);
  if (operand.type === 'null') return nullTest(value.sql, leaf);
  if (operand.type === 'text')
    return textTest(leaf.operator, attribute, value, operand, parameters);
  const cast = operand.type === 'boolean' ? 'boolean' : 'timestamptz';
  return compare(value.sql, leaf.operator, `${parameters.use(operand.value)}::${cast}`);
}

function nullTest(sql: string, { operator }: Comparison): string {
  if (operator === 'eq') return `(${sql}) IS NULL`;
  if (operator === 'ne') return `(${sql}) IS NOT NULL`;
  throw invalidFilter('null can only be asked for by eq and ne');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function textTest(
  operator: CompareOperator,
  attribute: Attribute,
  value: SqlValue,
  { value: text }: Extract<Operand, { type: 'text' }>,
  parameters: SqlParameters,
): string {
  if (value.type === 'uuid') {
    if (operator === 'eq')
      return UUID.test(text) ? `${value.sql} = ${parameters.use(text)}::uuid` : 'FALSE';
    return textCompare(`${value.sql}::text`, operator, `${parameters.use(text)}::text`);
  }
  const placeholder = `${parameters.use(text)}::text`;
  if (isCaseExact(attribute)) return textCompare(value.sql, operator, placeholder);
  const left = value.type === 'folded' ? value.sql : `lower(${value.sql})`;
  return textCompare(left, operator, `lower(${placeholder})`);
}

function textCompare(left: string, operator: CompareOperator, right: string): string {
  switch (operator) {
    case 'co':
      return `strpos(${left}, ${right}) > 0`;
    case 'sw':
      return `starts_with(${left}, ${right})`;
    case 'ew':
      return `right(${left}, length(${right})) = ${right}`;
    case 'eq':
    case 'ne':
      return compare(left, operator, right);
    default:
      return compare(`${left} COLLATE "C"`, operator, right);
  }
}

const SQL_OPERATORS = {
  eq: '=',
  ne: 'IS DISTINCT FROM',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
} as const;

function compare(left: string, operator: CompareOperator, right: string): string {
  if (!(operator in SQL_OPERATORS)) throw invalidFilter(`${operator} cannot be asked here`);
  return `${left} ${SQL_OPERATORS[operator as keyof typeof SQL_OPERATORS]} ${right}`;
}
