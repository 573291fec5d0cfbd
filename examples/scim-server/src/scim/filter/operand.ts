import { invalidFilter } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import type { CompareOperator, FilterValue } from './filter.ast';

/** What an attribute is compared with, checked against the attribute's type. */
export type Operand =
  | { readonly type: 'null' }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'time'; readonly value: Date };

const EQUALITY: ReadonlySet<CompareOperator> = new Set(['eq', 'ne']);
const ORDER: ReadonlySet<CompareOperator> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Checks that a comparison makes sense.
 *
 * @throws ScimError invalidFilter where value or operator do not fit the attribute
 */
export function operandOf(
  attribute: Attribute,
  operator: CompareOperator,
  value: FilterValue,
): Operand {
  const operand = typed(attribute, value);
  if (operand === null) throw invalidFilter(`${attribute.name} cannot be compared with that value`);
  const allowed = operand.type === 'text' || operatorsOf(operand).has(operator);
  if (!allowed) throw invalidFilter(`${operator} cannot be asked of ${attribute.name}`);
  return operand;
}

function typed({ type }: Attribute, value: FilterValue): Operand | null {
  if (value === null) return { type: 'null' };
  if (type === 'boolean') return booleanOf(value);
  if (typeof value !== 'string' || type === 'complex') return null;
  return type === 'dateTime' ? timeOf(value) : { type: 'text', value };
}

function booleanOf(value: string | number | boolean): Operand | null {
  const word = String(value).toLowerCase();
  if (typeof value === 'number' || (word !== 'true' && word !== 'false')) return null;
  return { type: 'boolean', value: word === 'true' };
}

/** A time without a zone is UTC, wherever the process runs. */
function timeOf(text: string): Operand | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const isLocal = text.includes('T') && match.groups?.zone === undefined;
  const value = new Date(isLocal ? `${text}Z` : text);
  return Number.isNaN(value.getTime()) ? null : { type: 'time', value };
}

function operatorsOf({ type }: Operand): ReadonlySet<CompareOperator> {
  return type === 'time' ? ORDER : EQUALITY;
}
