import { isRecord } from '../../src/core/checks';
import { listOf, textOf, type JsonObject } from '../../src/service/openapi/schemas';
import { code } from './markdown';

/** Writes a reference to another schema. */
export type Link = (reference: string) => string;

const ANY = '_any_';

/** A schema's type in a line of Markdown: `` `string` \| `null` ``. */
export function typeText(schema: unknown, link: Link): string {
  return [...new Set(alternatives(schema, link))].join(' \\| ');
}

function alternatives(schema: unknown, link: Link): readonly string[] {
  if (schema === false) return ['_none_'];
  if (!isRecord(schema)) return [ANY];
  const { nullable, ...rest } = schema;
  if (nullable === true) return [...alternatives(rest, link), code('null')];
  if (typeof schema.$ref === 'string') return [link(schema.$ref)];
  if ('const' in schema) return [literal(schema.const)];

  const choices = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  if (choices.length > 0) return choices.flatMap((choice) => alternatives(choice, link));
  const parts = listOf(schema.allOf);
  if (parts.length > 0) return [parts.map((part) => typeText(part, link)).join(' & ')];

  const { type } = schema;
  if (Array.isArray(type)) {
    return type.flatMap((one: unknown) =>
      alternatives({ ...withoutNull(schema), type: one }, link),
    );
  }
  return [singleType(schema, link)];
}

/** The null among an enum's values is a type of its own where a list of types says so. */
function withoutNull(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.enum)) return schema;
  return { ...schema, enum: schema.enum.filter((value) => value !== null) };
}

function singleType(schema: JsonObject, link: Link): string {
  const type = impliedType(schema);
  if (type === 'array') return `array of ${itemsText(schema, link)}`;
  if (type === 'object') return objectText(schema, link);
  if (type === 'null') return code(type);
  const format = textOf(schema.format);
  const notes = [
    ...(format ? [format] : []),
    ...(Array.isArray(schema.enum) ? [`one of ${schema.enum.map(literal).join(', ')}`] : []),
  ].join(', ');
  if (type === '') return notes || ANY;
  return notes ? `${code(type)} (${notes})` : code(type);
}

function impliedType(schema: JsonObject): string {
  if (schema.type !== undefined) return textOf(schema.type);
  if (isRecord(schema.properties) || isRecord(schema.additionalProperties)) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : '';
}

function itemsText(schema: JsonObject, link: Link): string {
  const places = listOf(schema.prefixItems);
  if (places.length === 0) return typeText(schema.items, link);
  return `(${places.map((place) => typeText(place, link)).join(', ')})`;
}

/** What an object's fields are is not told in a line, except where all have one type. */
function objectText(schema: JsonObject, link: Link): string {
  const values = schema.additionalProperties;
  if (isRecord(schema.properties) || !isRecord(values)) return 'object';
  const type = typeText(values, link);
  return type === ANY ? 'object' : `object of ${type}`;
}

function literal(value: unknown): string {
  return code(typeof value === 'string' && value !== '' ? value : JSON.stringify(value));
}
