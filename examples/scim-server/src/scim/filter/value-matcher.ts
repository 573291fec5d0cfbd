import { invalidFilter } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import { subAttributeOf } from '../schema/attribute-index';
import type { ScimDocument } from '../schema/document';
import { foldAs } from '../schema/fold';
import type { AttributePath, Comparison, CompareOperator, Filter } from './filter.ast';
import { operandOf } from './operand';

/** Whether a value of a list is meant. */
export type ValueMatcher = (item: ScimDocument) => boolean;

/**
 * Turns the filter in a path's brackets into a test of one value of that list.
 *
 * @throws ScimError invalidFilter where it asks for what the values do not have
 */
export function matcherOf(list: Attribute, filter: Filter): ValueMatcher {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const matchers = filter.filters.map((part) => matcherOf(list, part));
      return filter.kind === 'and'
        ? (item) => matchers.every((matches) => matches(item))
        : (item) => matchers.some((matches) => matches(item));
    }
    case 'not': {
      const matches = matcherOf(list, filter.filter);
      return (item) => !matches(item);
    }
    case 'present': {
      const { name } = partOf(list, filter.path);
      return (item) => item[name] !== undefined && item[name] !== '';
    }
    case 'compare':
      return comparisonMatcher(partOf(list, filter.path), filter);
    case 'values':
      throw invalidFilter(`${list.name} has no lists inside`);
  }
}

/**
 * The part of a list's values that a path in brackets names.
 *
 * @throws ScimError invalidFilter for one that they do not have
 */
export function partOf(list: Attribute, path: AttributePath): Attribute {
  const part = path.schema === null && path.sub === null ? subAttributeOf(list, path.name) : null;
  if (part === null) throw invalidFilter(`${list.name} has no ${path.name}`);
  return part;
}

/** How many comparisons a filter makes. */
export function termsOf(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, part) => sum + termsOf(part), 0);
    case 'not':
    case 'values':
      return termsOf(filter.filter);
    default:
      return 1;
  }
}

function comparisonMatcher(part: Attribute, { operator, value }: Comparison): ValueMatcher {
  const operand = operandOf(part, operator, value);
  if (operand.type === 'null')
    return (item) => (item[part.name] === undefined) === (operator === 'eq');
  const right = foldAs(part, operand.value);
  return (item) => compare(foldAs(part, item[part.name]), operator, right);
}

function compare(left: unknown, operator: CompareOperator, right: unknown): boolean {
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  return COMPARISONS[operator](left, right);
}

const COMPARISONS: Record<
  Exclude<CompareOperator, 'eq' | 'ne'>,
  (left: string, right: string) => boolean
> = {
  co: (left, right) => left.includes(right),
  sw: (left, right) => left.startsWith(right),
  ew: (left, right) => left.endsWith(right),
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
};
