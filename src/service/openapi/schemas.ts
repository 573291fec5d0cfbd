import { isRecord } from '../../core/checks';

// Looks into documents that others wrote: what is not there, or is something else, reads as empty.

/** A JSON object, nothing known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object, or an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string without white space around it, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** An object with the same keys. */
export function mapValues(
  value: JsonObject,
  change: (entry: unknown, key: string) => unknown,
): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry, key)]));
}

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
    if (!isRecord(found) && !Array.isArray(found)) return undefined;
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
    if (MAPS.includes(keyword) && isRecord(value)) return mapValues(value, change);
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
