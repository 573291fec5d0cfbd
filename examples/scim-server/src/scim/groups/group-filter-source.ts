import { documentSource } from '../filter/document-values';
import type { FilterSource, SqlRows } from '../filter/filter-to-sql';
import { GROUP_TYPE } from '../schema/resource-types';

const source = documentSource({ type: GROUP_TYPE, alias: 'r', version: 'r.version' });

/** A group's memberships, one row each. */
export const MEMBER_ROWS: SqlRows = {
  from: 'scim_group_members m',
  where: 'm.tenant_id = r.tenant_id AND m.group_id = r.id',
  part: ({ name }) => {
    if (name === 'value') return { sql: 'm.member_id', type: 'uuid' };
    return name === 'type' ? { sql: 'm.member_type', type: 'text' } : null;
  },
};

/** How filters reach a group's attributes: indexed columns before the document. */
export const GROUP_FILTER_SOURCE: FilterSource = {
  ...source,
  single: (place, parameters) =>
    place.attribute.name === 'displayName'
      ? { sql: 'r.display_name_key', type: 'folded' }
      : source.single(place, parameters),
  rows: (place) => (place.attribute.name === 'members' ? MEMBER_ROWS : source.rows(place)),
};
