import { isObject, objectOf, type JsonObject } from './json';

const SCHEMAS = '#/components/schemas/';

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
