import { isObject, mapValues, objectOf, type JsonObject } from './json';

const SCHEMAS = '#/components/schemas/';

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

/** What a reference names: its last part. */
export function referenceName(reference: string): string {
  return unescapePart(reference.slice(reference.lastIndexOf('/') + 1));
}

/** The schema of this document that a reference names, if it names one. */
export function schemaName(reference: string): string | undefined {
  return reference.startsWith(SCHEMAS) && !reference.slice(SCHEMAS.length).includes('/')
    ? referenceName(reference)
    : undefined;
}

/** The document's schemas by name. */
export function schemasOf(document: JsonObject): JsonObject {
  return objectOf(objectOf(document.components).schemas);
}

/**
 * Follows references inside the document. A summary or description beside a reference overrides what
 * it points to; one that leads nowhere or in a circle resolves to what stands beside it.
 */
export function resolve(
  document: JsonObject,
  value: unknown,
  seen: readonly string[] = [],
): JsonObject {
  const { $ref: reference, ...beside } = objectOf(value);
  if (typeof reference !== 'string' || seen.includes(reference)) return beside;
  return { ...resolve(document, lookUp(document, reference), [...seen, reference]), ...beside };
}

function lookUp(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = document;
  for (const part of reference.slice(2).split('/')) {
    if (!isObject(found) && !Array.isArray(found)) return undefined;
    found = (found as JsonObject)[unescapePart(part)];
  }
  return found;
}

function unescapePart(part: string): string {
  let decoded = part;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    // A lone percent sign stands for itself.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

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
