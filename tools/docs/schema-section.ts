import { isRecord } from '../../src/core/checks';
import {
  listOf,
  objectOf,
  textOf,
  type JsonObject,
  schemaName,
  schemasOf,
} from '../../src/service/openapi/schemas';
import { cell, code, table } from './markdown';
import { typeText, type Link } from './type-text';

/** The blocks of one schema: its fields, or its type where it has none. */
export function schemaSection(document: JsonObject, name: string, link: Link): string[] {
  const schema = schemasOf(document)[name];
  const description = textOf(objectOf(schema).description);
  const { properties, required } = fieldsOf(document, schema);
  const rows = Object.entries(properties).map(([field, property]) => [
    code(field),
    typeText(property, link),
    required.includes(field) ? 'yes' : 'no',
    cell(textOf(objectOf(property).description)),
  ]);
  return [
    `### ${code(name)}`,
    ...(description ? [description] : []),
    rows.length > 0
      ? table(['Field', 'Type', 'Required', 'Description'], rows)
      : `Type: ${typeText(schema, link)}`,
  ];
}

interface Fields {
  readonly properties: JsonObject;
  readonly required: readonly unknown[];
}

/** A schema's own fields and those of the schemas it extends, which may go in a circle. */
function fieldsOf(document: JsonObject, schema: unknown, seen: readonly string[] = []): Fields {
  if (!isRecord(schema)) return { properties: {}, required: [] };
  const { $ref: reference } = schema;
  if (typeof reference === 'string') {
    const name = schemaName(reference);
    if (name === undefined || seen.includes(name)) return { properties: {}, required: [] };
    return fieldsOf(document, schemasOf(document)[name], [...seen, name]);
  }
  const parts = listOf(schema.allOf).map((part) => fieldsOf(document, part, seen));
  return {
    properties: Object.fromEntries(
      [...parts.map(({ properties }) => properties), objectOf(schema.properties)].flatMap(
        (properties) => Object.entries(properties),
      ),
    ),
    required: [...parts.flatMap(({ required }) => required), ...listOf(schema.required)],
  };
}
