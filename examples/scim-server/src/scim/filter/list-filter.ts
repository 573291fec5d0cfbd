import type { SqlParameters } from '../../database/sql-parameters';
import type { ListQuery } from '../protocol/list-query';
import { attributesOf } from '../schema/attribute-index';
import { RESOURCE_TYPES } from '../schema/resource-types';
import type { Filter } from './filter.ast';
import { filterToSql, type FilterSource } from './filter-to-sql';

/**
 * A type's filter source with what depends on the request: where the tenant's resources lie, and whether
 * the filter may ask for what other types alone have.
 *
 * @param base the tenant's base URL
 */
export function sourceFor(
  source: FilterSource,
  { acrossTypes }: ListQuery,
  base: string,
): FilterSource {
  return {
    ...source,
    isKnownElsewhere: (path) =>
      acrossTypes === true && RESOURCE_TYPES.some((type) => attributesOf(type).find(path) !== null),
    single: (place, parameters) =>
      place.sub?.name === 'location' && place.attribute.name === 'meta'
        ? { sql: `(${parameters.use(`${base}${source.endpoint}/`)}::text || r.id)`, type: 'text' }
        : source.single(place, parameters),
  };
}

/** The condition of a list, to be put behind the tenant's; empty without a filter. */
export function matching(
  filter: Filter | null,
  source: FilterSource,
  parameters: SqlParameters,
): string {
  return filter === null ? '' : ` AND ${filterToSql(filter, source, parameters)}`;
}
