import type { ScimDocument } from '../schema/document';
import type { ResourceType } from '../schema/schema';

/** A stored resource, in column names. */
export interface ResourceRow {
  readonly id: string;
  readonly document: ScimDocument;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A resource as it is answered. */
export interface ScimResource extends ScimDocument {
  readonly schemas: readonly string[];
  readonly id: string;
}

/** Part of a list, RFC 7644 §3.4.2. */
export interface ListResponse<Resource = ScimDocument> {
  readonly schemas: readonly [string];
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Resource[];
}

/** An entity tag for a row's version; weak, since what is answered depends on the attributes asked for. */
export const entityTagOf = (version: number): string => `W/"${version}"`;

/**
 * Builds the answer of a row from the attributes that the schemas define, and no others.
 *
 * @param rest attributes that are kept in other tables
 */
export function present(
  type: ResourceType,
  row: ResourceRow,
  base: string,
  rest: ScimDocument,
): ScimResource {
  const { document } = row;
  const extensions = type.extensions.filter(({ id }) => document[id] !== undefined);
  const resource: ScimResource & ScimDocument = {
    schemas: [type.schema.id, ...extensions.map(({ id }) => id)],
    id: row.id,
  };
  const attributes: ScimDocument = { ...document, ...rest };
  for (const name of ['externalId', ...type.schema.attributes.map((defined) => defined.name)]) {
    if (attributes[name] !== undefined) resource[name] = attributes[name];
  }
  for (const { id } of extensions) resource[id] = document[id];
  resource.meta = {
    resourceType: type.name,
    created: row.created_at.toISOString(),
    lastModified: row.updated_at.toISOString(),
    location: `${base}${type.endpoint}/${row.id}`,
    version: entityTagOf(row.version),
  };
  return resource;
}

/** Builds a page of a list. */
export function listResponse<Resource>(
  resources: readonly Resource[],
  totalResults: number,
  startIndex = 1,
): ListResponse<Resource> {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
