import type { Filter, PatchPath } from '../filter/filter.ast';
import { FilterSyntaxError } from '../filter/filter.cursor';
import { parsePath } from '../filter/filter.parser';
import { matcherOf, termsOf, type ValueMatcher } from '../filter/value-matcher';
import {
  invalidPath,
  invalidSyntax,
  invalidValue,
  mutability,
  noTarget,
} from '../protocol/scim.error';
import { attributesOf, type AttributePlace, type Place } from '../schema/attribute-index';
import { isObject, memberOf } from '../schema/document';
import { requireSchema } from '../schema/read-document';
import type { ResourceType } from '../schema/schema';

/** Operations of one request. */
export const MAX_OPERATIONS = 1_000;
/** Changes of one request: an operation makes one of each attribute and each value of a list. */
export const MAX_CHANGES = 2_000;
/** Comparisons in all paths of one request: each is made with every value of a list. */
export const MAX_PATH_TERMS = 2_000;

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const OPERATIONS = ['add', 'replace', 'remove'] as const;

export type PatchOperation = (typeof OPERATIONS)[number];

/** Which values of a list a path chooses. */
export interface ChosenValues {
  readonly filter: Filter;
  readonly matches: ValueMatcher;
}

/** One change to one place, whichever way the client wrote it. */
export interface PatchStep {
  readonly operation: PatchOperation;
  readonly place: Place;
  readonly chosen: ChosenValues | null;
  readonly value: unknown;
}

/**
 * Reads a PATCH body into steps, each with its place. All of it is checked before anything changes.
 *
 * @param id the resource's own, which a client may repeat among the values but not change
 * @throws ScimError for what RFC 7644 §3.5.2 refuses
 */
export function readPatch(type: ResourceType, body: unknown, id: string): PatchStep[] {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object');
  requireSchema(body, PATCH_SCHEMA);
  const operations = memberOf(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw invalidSyntax('Operations must be a list with at least one operation');
  }
  if (operations.length > MAX_OPERATIONS) {
    throw invalidValue(`A request may have at most ${MAX_OPERATIONS} operations`);
  }
  const reader = new StepReader(type, id);
  return operations.flatMap((operation) => reader.read(operation));
}

class StepReader {
  private changes = 0;
  private terms = 0;

  constructor(
    private readonly type: ResourceType,
    private readonly id: string,
  ) {}

  read(given: unknown): PatchStep[] {
    if (!isObject(given)) throw invalidSyntax('An operation must be an object');
    const operation = operationOf(memberOf(given, 'op'));
    const path = memberOf(given, 'path') ?? '';
    const value = memberOf(given, 'value');
    if (typeof path !== 'string') throw invalidPath('path must be a string');
    if (operation !== 'remove' && value === undefined) throw invalidValue('value is missing');
    return path.trim() === ''
      ? this.withoutPath(operation, value)
      : this.withPath(operation, path, value);
  }

  private withPath(operation: PatchOperation, text: string, value: unknown): PatchStep[] {
    const parsed = parse(text);
    const place = attributesOf(this.type).find(parsed.path);
    if (place === null) throw invalidPath(`${this.type.name} has no attribute of that path`);
    if (isNamed(place, 'schemas')) return [];
    requireWritable(place);
    return [this.step(operation, place, parsed, value)];
  }

  /** An object of attributes; its keys may be paths themselves. Unknown and read-only ones do no harm. */
  private withoutPath(operation: PatchOperation, value: unknown): PatchStep[] {
    if (operation === 'remove') throw noTarget('remove needs a path');
    if (!isObject(value)) throw invalidValue('Without a path the value must be an object');
    return Object.entries(value).flatMap(([key, part]) => {
      const parsed = tryParse(key);
      const place = parsed && attributesOf(this.type).find(parsed.path);
      if (!parsed || !place) return [];
      if (isNamed(place, 'id') && part !== this.id) throw mutability('id is read-only');
      if (isNamed(place, 'schemas') || !isWritable(place)) return [];
      return [this.step(operation, place, parsed, part)];
    });
  }

  private step(
    operation: PatchOperation,
    place: Place,
    { filter }: PatchPath,
    value: unknown,
  ): PatchStep {
    // Members are rows: however many there are, none is compared with all others.
    const isList = Array.isArray(value) && !isNamed(place, 'members');
    this.changes += isList ? Math.max(value.length, 1) : 1;
    this.terms += filter === null ? 0 : termsOf(filter);
    if (this.changes > MAX_CHANGES || this.terms > MAX_PATH_TERMS) {
      throw invalidValue(
        `A request may make ${MAX_CHANGES} changes, with ${MAX_PATH_TERMS} comparisons in their paths`,
      );
    }
    return { operation, place, chosen: filter && choose(place, filter), value };
  }
}

function operationOf(op: unknown): PatchOperation {
  const word = typeof op === 'string' ? op.toLowerCase() : null;
  const operation = OPERATIONS.find((known) => known === word);
  if (operation === undefined) throw invalidSyntax('op must be add, replace or remove');
  return operation;
}

function choose(place: Place, filter: Filter): ChosenValues {
  if (place.kind === 'extension' || !place.attribute.multiValued) {
    throw invalidPath('Only lists have values to choose from');
  }
  return { filter, matches: matcherOf(place.attribute, filter) };
}

function parse(text: string): PatchPath {
  try {
    return parsePath(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) throw invalidPath(`Invalid path: ${error.message}`);
    throw error;
  }
}

function tryParse(key: string): PatchPath | null {
  try {
    return parsePath(key);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return null;
    throw error;
  }
}

const isNamed = (place: Place, name: string): place is AttributePlace =>
  place.kind === 'attribute' && place.extension === null && place.attribute.name === name;

function isWritable(place: Place): boolean {
  if (place.kind === 'extension') return true;
  return place.attribute.mutability !== 'readOnly' && place.sub?.mutability !== 'readOnly';
}

function requireWritable(place: Place): void {
  if (!isWritable(place)) throw mutability('The attribute is read-only');
  if (place.kind === 'attribute' && place.sub?.mutability === 'immutable') {
    throw mutability('A value of this list can be added and removed, not changed');
  }
}
