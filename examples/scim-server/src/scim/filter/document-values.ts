import { attributesOf, type AttributePlace } from '../schema/attribute-index';
import type { ResourceType } from '../schema/schema';
import type { SqlValue } from './condition';
import type { FilterSource, SqlRows } from './filter-to-sql';

/** A type's table, as filters see it. */
export interface DocumentTable {
  readonly type: ResourceType;
  /** Of the table in the statement. */
  readonly alias: string;
  /** The version as its entity tag shows it, in SQL. */
  readonly version: string;
}

/**
 * How attributes are reached in a table's `document` column. Their names come from the schemas in the
 * code, which have no quotes in them.
 */
export function documentSource(table: DocumentTable): FilterSource {
  const { type, alias } = table;
  const document = `${alias}.document`;
  return {
    index: attributesOf(type),
    endpoint: type.endpoint,
    extension: (urn) => `(${document}->'${urn}') IS NOT NULL`,
    single: (place) =>
      place.attribute.name === 'meta' && place.extension === null
        ? metaValue(place, table)
        : (commonValue(place, alias) ?? documentValue(place, document)),
    rows: (place) =>
      place.attribute.name === 'schemas'
        ? schemaRows(type, document)
        : documentRows(place, document),
  };
}

function documentValue(
  { extension, attribute, sub }: AttributePlace,
  document: string,
): SqlValue | null {
  if (attribute.returned === 'never') return null;
  const container = extension === null ? document : `${document}->'${extension}'`;
  if (attribute.type === 'complex' && sub === null) {
    return { sql: `(${container}->'${attribute.name}')::text`, type: 'text' };
  }
  const sql =
    sub === null
      ? `(${container}->>'${attribute.name}')`
      : `(${container}->'${attribute.name}'->>'${sub.name}')`;
  const { type } = sub ?? attribute;
  return type === 'boolean' ? { sql: `${sql}::boolean`, type } : { sql, type: 'text' };
}

function documentRows({ extension, attribute }: AttributePlace, document: string): SqlRows | null {
  if (extension !== null) return null;
  return {
    from: `jsonb_array_elements(${document}->'${attribute.name}') AS v(item)`,
    where: 'TRUE',
    part: ({ name, type }) =>
      type === 'boolean'
        ? { sql: `(v.item->>'${name}')::boolean`, type }
        : { sql: `(v.item->>'${name}')`, type: 'text' },
  };
}

/** The schemas that the answer names: the type's own, and those of which the document has anything. */
function schemaRows({ schema, extensions }: ResourceType, document: string): SqlRows {
  const named = extensions.map(({ id }) => `CASE WHEN ${document} ? '${id}' THEN '${id}' END`);
  return {
    from: `unnest(ARRAY[${[`'${schema.id}'`, ...named].join(', ')}]::text[]) AS s(urn)`,
    where: 's.urn IS NOT NULL',
    part: () => ({ sql: 's.urn', type: 'text' }),
  };
}

/** Attributes of every resource that are columns. */
function commonValue({ attribute, extension }: AttributePlace, alias: string): SqlValue | null {
  if (extension !== null) return null;
  if (attribute.name === 'id') return { sql: `${alias}.id`, type: 'uuid' };
  return attribute.name === 'externalId' ? { sql: `${alias}.external_id`, type: 'text' } : null;
}

/** What every answer has in `meta`; null for its place, which depends on the base URL. */
function metaValue(
  { sub }: AttributePlace,
  { type, alias, version }: DocumentTable,
): SqlValue | null {
  switch (sub?.name) {
    case undefined:
    case 'resourceType':
      return { sql: `'${type.name}'::text`, type: 'text' };
    case 'created':
      return { sql: `${alias}.created_at`, type: 'time' };
    case 'lastModified':
      return { sql: `${alias}.updated_at`, type: 'time' };
    case 'version':
      return { sql: `('W/"' || ${version} || '"')`, type: 'text' };
    default:
      return null;
  }
}
