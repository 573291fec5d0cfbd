import { invalidSyntax, invalidValue } from '../protocol/scim.error';
import type { Attribute } from './attribute';
import { attributesOf } from './attribute-index';
import { isObject, memberOf, type ScimDocument } from './document';
import { readAttribute } from './read-value';
import type { ResourceType, Schema } from './schema';

/** Characters of a value that an index holds: an entry of PostgreSQL's may have 2,700 bytes. */
const MAX_INDEXED_LENGTH = 500;

/** Attributes that are columns or rows of their own, or follow from the rest. */
const NOT_IN_DOCUMENT = new Set(['schemas', 'id', 'meta', 'members']);

/**
 * Reads a resource that a client sent whole: names in their defined spelling, unknown and read-only
 * ones left out, as RFC 7644 §3.3 and §3.5.1 say.
 *
 * @throws ScimError invalidSyntax or invalidValue
 */
export function readDocument(type: ResourceType, body: unknown): ScimDocument {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object');
  requireSchema(body, type.schema.id);
  const document: ScimDocument = {};
  const index = attributesOf(type);
  for (const [key, value] of Object.entries(body)) {
    const defined = index.findKey(key);
    if (defined === null) continue;
    if ('attributes' in defined) assign(document, defined.id, readExtension(defined, value));
    else if (isKept(defined)) assign(document, defined.name, readAttribute(defined, value));
    else if (defined.mutability === 'writeOnly') readAttribute(defined, value);
  }
  requireComplete(type, document);
  return document;
}

/**
 * Checks what must hold of every document that is stored, a patched one too.
 *
 * @throws ScimError invalidValue
 */
export function requireComplete(type: ResourceType, document: ScimDocument): void {
  for (const { name, required } of type.schema.attributes) {
    const value = document[name];
    if (required && (typeof value !== 'string' || value.trim() === '')) {
      throw invalidValue(`${name} is required`);
    }
  }
  const emails = (document.emails ?? []) as { value?: string }[];
  const indexed = [document.userName, document.displayName, document.externalId].concat(
    emails.map(({ value }) => value),
  );
  if (indexed.some((value) => typeof value === 'string' && value.length > MAX_INDEXED_LENGTH)) {
    throw invalidValue(
      `userName, displayName, externalId and addresses may have ${MAX_INDEXED_LENGTH} characters`,
    );
  }
}

/**
 * Checks that `schemas`, where it was sent, names the one that is due. Others beside it are no fault:
 * providers name schemas of their own.
 *
 * @throws ScimError invalidSyntax
 */
export function requireSchema(body: Record<string, unknown>, urn: string): void {
  const schemas = memberOf(body, 'schemas');
  if (schemas === undefined || schemas === null) return;
  const folded = urn.toLowerCase();
  const named =
    Array.isArray(schemas) &&
    schemas.some((schema) => typeof schema === 'string' && schema.toLowerCase() === folded);
  if (!named) throw invalidSyntax(`schemas must name ${urn}`);
}

/** Whether a client's value of an attribute becomes part of the document. */
export function isKept({ name, mutability }: Attribute): boolean {
  return mutability !== 'readOnly' && mutability !== 'writeOnly' && !NOT_IN_DOCUMENT.has(name);
}

function readExtension(schema: Schema, value: unknown): ScimDocument | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) throw invalidValue(`${schema.id} must be an object`);
  const extension: ScimDocument = {};
  for (const attribute of schema.attributes) {
    assign(extension, attribute.name, readAttribute(attribute, memberOf(value, attribute.name)));
  }
  return Object.keys(extension).length === 0 ? undefined : extension;
}

function assign(document: ScimDocument, name: string, value: unknown): void {
  if (value !== undefined) document[name] = value;
}
