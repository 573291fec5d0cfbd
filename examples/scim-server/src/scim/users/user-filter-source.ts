import { documentSource } from '../filter/document-values';
import type { FilterSource, SqlRows } from '../filter/filter-to-sql';
import { foldedSql } from '../schema/fold';
import { USER_TYPE } from '../schema/resource-types';

const MEMBERSHIPS = `scim_group_members m
  JOIN scim_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
  WHERE m.tenant_id = r.tenant_id AND m.member_id = r.id`;

/**
 * Stands for the groups that a user's answer shows, null without any: they change without the user's row,
 * as a group of 100,000 is renamed by one update.
 */
export const SHOWN_GROUPS = `(
  SELECT left(encode(sha256(convert_to(
           string_agg(g.id || ' ' || (g.document->>'displayName'), E'\\n' ORDER BY g.id), 'UTF8')), 'hex'), 16)
  FROM ${MEMBERSHIPS})`;

const source = documentSource({
  type: USER_TYPE,
  alias: 'r',
  version: `(r.version || coalesce('-' || ${SHOWN_GROUPS}, ''))`,
});

const GROUPS: SqlRows = {
  from: `scim_group_members m JOIN scim_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id`,
  where: 'm.tenant_id = r.tenant_id AND m.member_id = r.id',
  part: ({ name }) => {
    if (name === 'value') return { sql: 'm.group_id', type: 'uuid' };
    return name === 'display' ? { sql: 'g.display_name_key', type: 'folded' } : null;
  },
};

/** How filters reach a user's attributes: indexed columns before the document. */
export const USER_FILTER_SOURCE: FilterSource = {
  ...source,
  single: (place, parameters) =>
    place.extension === null && place.attribute.name === 'userName'
      ? { sql: 'r.user_name_key', type: 'folded' }
      : source.single(place, parameters),
  rows: (place) => {
    if (place.attribute.name === 'groups') return GROUPS;
    const rows = source.rows(place);
    if (rows === null || place.attribute.name !== 'emails') return rows;
    return { ...rows, lookup: (value) => `r.email_keys @> ARRAY[${foldedSql(`${value}::text`)}]` };
  },
};
