import { documentSource } from '../filter/document-values';
import type { FilterSource, SqlRows } from '../filter/filter-to-sql';
import { USER_TYPE } from '../schema/resource-types';

const source = documentSource(USER_TYPE, 'r');

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
  single: (place) =>
    place.extension === null && place.attribute.name === 'userName'
      ? { sql: 'r.user_name_key', type: 'folded' }
      : source.single(place),
  rows: (place) => {
    if (place.attribute.name === 'groups') return GROUPS;
    const rows = source.rows(place);
    if (rows === null || place.attribute.name !== 'emails') return rows;
    return { ...rows, lookup: (value) => `r.email_keys @> ARRAY[lower(${value}::text)]` };
  },
};
