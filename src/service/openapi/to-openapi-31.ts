import { isRecord } from '../../core/checks';
import { listOf, mapValues, type JsonObject, mapChildren } from './schemas';

/** What describes a field rather than its values stays outside, where the null is chosen. */
const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'externalDocs',
];
const NULL = { type: 'null' };

/**
 * Makes a finished Nest document OpenAPI 3.1 as its clients know it: what may be null is
 * `anyOf: [T, {type: 'null'}]`. One Nest release writes 3.0's `nullable`, the next a list of types.
 */
export function toOpenApi31<Document extends object>(document: Document): Document {
  return { ...convert(document), openapi: '3.1.0' } as Document;
}

/** Converts the schemas anywhere in a part of the document that is not a schema itself. */
function convert(part: unknown): JsonObject;
function convert(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(convert);
  if (!isRecord(part)) return part;
  return mapValues(part, (value, key) => {
    if (key === 'schema') return convertSchema(value);
    if (key === 'schemas' && isRecord(value)) return mapValues(value, convertSchema);
    if (key === 'example' || key === 'examples') return value;
    return convert(value);
  });
}

function convertSchema(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { nullable, ...schema } = mapChildren(value, convertSchema);
  const types = listOf(schema.type);
  if (nullable !== true && !(types.length > 1 && types.includes('null'))) {
    return types.length === 1 ? { ...schema, type: types[0] } : schema;
  }
  const outside = Object.entries(schema).filter(([key]) => isAnnotation(key));
  const inside = Object.entries(schema).filter(([key]) => !isAnnotation(key));
  const choices = choicesOf(Object.fromEntries(inside));
  return { ...(choices && { anyOf: choices }), ...Object.fromEntries(outside) };
}

function isAnnotation(key: string): boolean {
  return ANNOTATIONS.includes(key) || key.startsWith('x-');
}

/** The alternatives of a nullable schema; none where it allows everything anyway. */
function choicesOf(schema: JsonObject): readonly unknown[] | undefined {
  const keys = Object.keys(schema);
  if (keys.length === 0) return undefined;
  const [only] = listOf(schema.allOf);
  if (keys.join() === 'allOf' && listOf(schema.allOf).length === 1) return [only, NULL];
  if (keys.join() === 'anyOf') {
    const choices = listOf(schema.anyOf);
    return choices.some(isNull) ? choices : [...choices, NULL];
  }
  return [withoutNull(schema), NULL];
}

function isNull(schema: unknown): boolean {
  return isRecord(schema) && schema.type === 'null';
}

function withoutNull(schema: JsonObject): JsonObject {
  const types = listOf(schema.type).filter((type) => type !== 'null');
  return {
    ...schema,
    ...(types.length > 0 && { type: types.length === 1 ? types[0] : types }),
    ...(Array.isArray(schema.enum) && {
      enum: schema.enum.filter((value) => value !== null),
    }),
  };
}
