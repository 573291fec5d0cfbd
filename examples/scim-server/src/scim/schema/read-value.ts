import { invalidValue } from '../protocol/scim.error';
import type { Attribute } from './attribute';
import { subAttributeOf } from './attribute-index';
import { isObject, type ScimDocument } from './document';

/** Values of one list attribute; members of groups are rows and have no such bound. */
export const MAX_VALUES = 200;

/** Sub-attributes that only describe a value: one left with nothing else says nothing. */
const DESCRIPTIVE = new Set(['type', 'primary', 'display']);

/**
 * Reads what a client sent for an attribute; undefined where that is "unassigned" (RFC 7643 §2.5).
 *
 * @throws ScimError invalidValue where the type is wrong
 */
export function readAttribute(attribute: Attribute, value: unknown): unknown {
  return attribute.multiValued ? readList(attribute, value) : readSingle(attribute, value);
}

/** Reads a list of values; undefined for an empty one. */
export function readList(attribute: Attribute, value: unknown): ScimDocument[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) throw invalidValue(`${attribute.name} must be a list of objects`);
  if (value.length > MAX_VALUES) {
    throw invalidValue(`${attribute.name} may have at most ${MAX_VALUES} values`);
  }
  const items = value.map((item) => readComplex(attribute, item)).filter((item) => !isHollow(item));
  if (items.filter((item) => item.primary === true).length > 1) {
    throw invalidValue(`${attribute.name} may have only one primary value`);
  }
  return items.length === 0 ? undefined : items;
}

/** Reads one value of an attribute, of a list too. */
export function readSingle(attribute: Attribute, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.type === 'complex') {
    const object = readComplex(attribute, unbared(attribute, value));
    return Object.keys(object).length === 0 || isCleared(object) ? undefined : object;
  }
  return attribute.type === 'boolean' ? readBoolean(attribute, value) : readText(attribute, value);
}

/** A bare string stands for the part `value`, as Entra sends a manager. */
export function unbared(attribute: Attribute, value: unknown): unknown {
  const isBare = typeof value === 'string' && subAttributeOf(attribute, 'value') !== null;
  return isBare ? { value } : value;
}

/** Whether a single structured value was emptied: clients clear a reference by `""`. */
export const isCleared = ({ value }: ScimDocument): boolean => value === '';

/** Reads the parts of a structured value; undefined parts are those the client unassigned. */
export function readParts(attribute: Attribute, value: unknown): Map<string, unknown> {
  if (!isObject(value)) throw invalidValue(`${attribute.name} must be an object`);
  const parts = new Map<string, unknown>();
  for (const [key, given] of Object.entries(value)) {
    const sub = subAttributeOf(attribute, key);
    if (sub !== null && sub.mutability !== 'readOnly') parts.set(sub.name, readSingle(sub, given));
  }
  return parts;
}

/** Whether a value of a list has nothing in it but a description. */
export function isHollow(item: ScimDocument): boolean {
  return Object.keys(item).every((key) => DESCRIPTIVE.has(key));
}

function readComplex(attribute: Attribute, value: unknown): ScimDocument {
  return Object.fromEntries(
    [...readParts(attribute, value)].filter(([, part]) => part !== undefined),
  );
}

/** Entra sends "True" and "False". */
function readBoolean(attribute: Attribute, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : null;
  if (word !== 'true' && word !== 'false') {
    throw invalidValue(`${attribute.name} must be true or false`);
  }
  return word === 'true';
}

function readText(attribute: Attribute, value: unknown): string {
  if (typeof value !== 'string') throw invalidValue(`${attribute.name} must be a string`);
  if (!value.isWellFormed() || value.includes('\0')) {
    throw invalidValue(`${attribute.name} has a character that cannot be stored`);
  }
  return value;
}
