import { invalidValue } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import { subAttributeOf } from '../schema/attribute-index';
import { isObject, memberOf } from '../schema/document';
import { readSingle, unbared } from '../schema/read-value';
import type { Schema } from '../schema/schema';

/**
 * Reads the value of one attribute that is no list. Older clients wrap it: `[{"value": "x"}]`.
 *
 * @throws ScimError invalidValue
 */
export function readPatchValue(attribute: Attribute, value: unknown): unknown {
  const single = unwrapList(value);
  if (attribute.type === 'complex' || !isObject(single)) return readSingle(attribute, single);
  return readSingle(attribute, memberOf(single, 'value'));
}

/**
 * Reads an object's parts, each with its definition; parts it does not name are not in the result. A
 * bare string stands for the part `value`, as Entra sends a manager.
 *
 * @throws ScimError invalidValue
 */
export function readPatchParts(
  owner: Attribute | Schema,
  value: unknown,
): [part: Attribute, value: unknown][] {
  const single = unwrapList(value);
  const object = 'attributes' in owner ? (single ?? {}) : (unbared(owner, single) ?? {});
  if (!isObject(object)) throw invalidValue(`${owner.name} must be an object`);
  return Object.entries(object).flatMap(([key, part]): [Attribute, unknown][] => {
    const defined = partOf(owner, key);
    if (defined === null || defined.mutability === 'readOnly') return [];
    return [[defined, part]];
  });
}

function partOf(owner: Attribute | Schema, key: string): Attribute | null {
  if (!('attributes' in owner)) return subAttributeOf(owner, key);
  const folded = key.toLowerCase();
  return owner.attributes.find(({ name }) => name.toLowerCase() === folded) ?? null;
}

/** The value that a list of one holds, or the value itself. */
export function unwrapList(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
