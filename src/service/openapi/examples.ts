import { isRecord } from '../../core/checks';
import { listOf, mapValues, objectOf, type JsonObject, resolve, schemaName } from './schemas';

/** Of schemas whose properties are fixed by the contract and have no examples. */
const WHOLE: Readonly<Record<string, unknown>> = {
  HTTPValidationError: {
    detail: [{ loc: ['body', 'name'], msg: 'Field required', type: 'missing' }],
  },
};

/** Gives each body of a document that has no example one, made of those of its schema's properties. */
export function withExamples<Document extends object>(document: Document): Document {
  const whole = document as JsonObject;
  const content = (value: unknown): unknown =>
    mapValues(objectOf(value), (media) => withExample(whole, objectOf(media)));
  const body = (value: unknown): unknown =>
    isRecord(value) && isRecord(value.content)
      ? { ...value, content: content(value.content) }
      : value;
  const operation = (value: unknown): unknown =>
    isRecord(value) && isRecord(value.responses)
      ? {
          ...value,
          ...('requestBody' in value && { requestBody: body(value.requestBody) }),
          responses: mapValues(value.responses, body),
        }
      : value;
  const paths = mapValues(objectOf(whole.paths), (item) => mapValues(objectOf(item), operation));
  return { ...document, paths };
}

function withExample(document: JsonObject, media: JsonObject): JsonObject {
  if ('example' in media || 'examples' in media) return media;
  const example = exampleOf(document, media.schema);
  return example === undefined ? media : { ...media, example };
}

/** What the schema's own examples say; undefined where they say nothing. */
function exampleOf(document: JsonObject, schema: unknown): unknown {
  const { $ref: reference } = objectOf(schema);
  const known = typeof reference === 'string' ? WHOLE[schemaName(reference) ?? ''] : undefined;
  if (known !== undefined) return known;
  const resolved = resolve(document, schema);
  if ('example' in resolved) return resolved.example;
  if ('const' in resolved) return resolved.const;
  if (isRecord(resolved.properties)) return objectExample(document, resolved.properties);
  if (resolved.type === 'array') {
    const item = exampleOf(document, resolved.items);
    return item === undefined ? undefined : [item];
  }
  const choices = [...listOf(resolved.anyOf), ...listOf(resolved.oneOf), ...listOf(resolved.allOf)];
  const found = choices.map((choice) => exampleOf(document, choice));
  return found.find((example) => example !== undefined) ?? listOf(resolved.enum)[0];
}

/** A property without an example is one that only stands in the place of another: it stays out. */
function objectExample(document: JsonObject, properties: JsonObject): JsonObject | undefined {
  const examples = mapValues(properties, (property) => exampleOf(document, property));
  const known = Object.entries(examples).filter(([, value]) => value !== undefined);
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}
