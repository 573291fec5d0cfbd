import type { SqlParameters } from '../../database/sql-parameters';
import { invalidFilter } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import { foldedSql, isCaseExact } from '../schema/fold';
import type { Comparison, CompareOperator, Presence } from './filter.ast';
import { operandOf, type Operand } from './operand';

/** What a table knows of an attribute. Every text here is a constant of the code, none is a client's. */
export interface SqlValue {
  readonly sql: string;
  /** `text` that is not `folded` is folded for attributes whose letters' case does not count. */
  readonly type: 'text' | 'folded' | 'boolean' | 'time' | 'uuid';
}

/**
 * A comparison of one value, with the parameters that it needs.
 *
 * @throws ScimError invalidFilter where it cannot be asked
 */
export function condition(
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
  return compare(
    value.sql,
    leaf.operator,
    operand.type === 'boolean'
      ? `${parameters.use(operand.value)}::boolean`
      : `to_timestamp(${parameters.use(operand.value.getTime() / 1_000)}::double precision)`,
  );
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
  const left = value.type === 'folded' ? value.sql : foldedSql(value.sql);
  return textCompare(left, operator, foldedSql(placeholder));
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
      return compare(`${left} COLLATE "C"`, operator, `${right} COLLATE "C"`);
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
