import type { ScimDocument } from '../schema/document';
import type { ResourceType } from '../schema/schema';
import type { Projection } from './projection';

/** A stored resource, in column names. */
export interface ResourceRow {
  readonly id: string;
  readonly document: ScimDocument;
  /** Counts the resource's own changes. */
  readonly version: number;
  /** Stands for what the answer shows of other resources, null where it shows none. */
  readonly shown?: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A resource as it is answered. */
export interface ScimResource extends ScimDocument {
  readonly schemas: readonly string[];
  readonly id: string;
  readonly meta: ScimDocument & { readonly location: string; readonly version: string };
}

/** A resource as one request gets it. What the headers say does not depend on the attributes asked for. */
export interface ResourceAnswer {
  readonly location: string;
  /** The entity tag. */
  readonly version: string;
  /** Null where the client is not shown the resource. */
  readonly body: ScimDocument | null;
}

/** Some resources of one type, and how many there are. */
export interface ResourcePage {
  readonly resources: readonly ScimDocument[];
  readonly total: number;
}

/** Part of a list, RFC 7644 §3.4.2. */
export interface ListResponse<Resource = ScimDocument> {
  readonly schemas: readonly [string];
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Resource[];
}

/** A row's entity tag; weak, since what is answered depends on the attributes asked for. */
export const entityTagOf = ({ version, shown }: Pick<ResourceRow, 'version' | 'shown'>): string =>
  `W/"${version}${shown ? `-${shown}` : ''}"`;

/** The answer of a resource, with the attributes that were asked for; null for none at all. */
export function answerOf(resource: ScimResource, projection: Projection | null): ResourceAnswer {
  const { location, version } = resource.meta;
  return { location, version, body: projection?.apply(resource) ?? null };
}

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
  const resource: ScimDocument = {};
  const attributes: ScimDocument = { ...document, ...rest };
  for (const name of ['externalId', ...type.schema.attributes.map((defined) => defined.name)]) {
    if (attributes[name] !== undefined) resource[name] = attributes[name];
  }
  for (const { id } of extensions) resource[id] = document[id];
  return {
    schemas: [type.schema.id, ...extensions.map(({ id }) => id)],
    id: row.id,
    ...resource,
    meta: {
      resourceType: type.name,
      created: row.created_at.toISOString(),
      lastModified: row.updated_at.toISOString(),
      location: `${base}${type.endpoint}/${row.id}`,
      version: entityTagOf(row),
    },
  };
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
