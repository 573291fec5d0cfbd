import { isObject, mapValues, type JsonObject } from './json';

const SINGLE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'additionalItems',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', '$defs'];

/**
 * Changes the schemas directly inside a schema. Goes by keyword, so that an example or a default
 * that looks like a schema stays as it is.
 */
export function mapChildren(schema: JsonObject, change: (child: unknown) => unknown): JsonObject {
  return mapValues(schema, (value, keyword) => {
    if (SINGLE.includes(keyword)) return change(value);
    if (LISTS.includes(keyword) && Array.isArray(value)) return value.map(change);
    if (MAPS.includes(keyword) && isObject(value)) return mapValues(value, change);
    return value;
  });
}

/** The schemas directly inside a schema. */
export function childrenOf(schema: JsonObject): readonly unknown[] {
  const children: unknown[] = [];
  mapChildren(schema, (child) => {
    children.push(child);
    return child;
  });
  return children;
}
