import { attributesOf, type AttributePlace } from '../schema/attribute-index';
import type { ResourceType } from '../schema/schema';
import type { FilterSource, SqlRows, SqlValue } from './filter-to-sql';

/**
 * How attributes are reached in a table's `document` column. Their names come from the schemas in the
 * code, which have no quotes in them.
 *
 * @param alias of the table in the statement
 */
export function documentSource(type: ResourceType, alias: string): FilterSource {
  const document = `${alias}.document`;
  return {
    index: attributesOf(type),
    extension: (urn) => `(${document}->'${urn}') IS NOT NULL`,
    single: (place) => commonValue(place, type, alias) ?? documentValue(place, document),
    rows: (place) => documentRows(place, document),
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
  if (extension !== null || attribute.name === 'schemas') return null;
  return {
    from: `jsonb_array_elements(${document}->'${attribute.name}') AS v(item)`,
    where: 'TRUE',
    part: ({ name, type }) =>
      type === 'boolean'
        ? { sql: `(v.item->>'${name}')::boolean`, type }
        : { sql: `(v.item->>'${name}')`, type: 'text' },
  };
}

/** Attributes of every resource that are columns, or follow from the table. */
function commonValue(
  { attribute, sub, extension }: AttributePlace,
  type: ResourceType,
  alias: string,
): SqlValue | null {
  if (extension !== null) return null;
  if (attribute.name === 'id') return { sql: `${alias}.id`, type: 'uuid' };
  if (attribute.name === 'externalId') return { sql: `${alias}.external_id`, type: 'text' };
  if (attribute.name !== 'meta') return null;
  if (sub?.name === 'resourceType') return { sql: `'${type.name}'::text`, type: 'text' };
  if (sub?.name === 'created') return { sql: `${alias}.created_at`, type: 'time' };
  if (sub?.name === 'lastModified') return { sql: `${alias}.updated_at`, type: 'time' };
  return null;
}
