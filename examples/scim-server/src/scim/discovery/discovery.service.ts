import { Injectable } from '@nestjs/common';
import type { RawQuery } from '../protocol/list-query';
import { listResponse, type ListResponse } from '../protocol/resource';
import { notFound, ScimError } from '../protocol/scim.error';
import type { ScimContext } from '../protocol/scim-context';
import type { ScimDocument } from '../schema/document';
import { RESOURCE_TYPES, SCHEMAS } from '../schema/resource-types';
import type { ResourceType, Schema } from '../schema/schema';
import { CAPABILITIES } from './capabilities';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';

/** Describes the server to its clients. */
@Injectable()
export class DiscoveryService {
  getConfig({ base }: ScimContext): ScimDocument {
    const { change_password: changePassword, ...rest } = CAPABILITIES;
    return {
      schemas: [`${CORE}:ServiceProviderConfig`],
      ...rest,
      changePassword,
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'OAuth Bearer Token',
          description: 'A SCIM token as the bearer token of each request',
          specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
          primary: true,
        },
        {
          type: 'oauth2',
          name: 'OAuth 2.0',
          description:
            'An access token of the token endpoint, got for client credentials or a signed assertion',
          specUri: 'https://www.rfc-editor.org/rfc/rfc6749',
        },
      ],
      meta: {
        resourceType: 'ServiceProviderConfig',
        location: `${base}/ServiceProviderConfig`,
      },
    };
  }

  listResourceTypes(ctx: ScimContext, query: RawQuery): ListResponse {
    refuseFilter(query);
    return whole(RESOURCE_TYPES.map((type) => describeType(ctx, type)));
  }

  /** @throws ScimError 404 */
  getResourceType(ctx: ScimContext, name: string): ScimDocument {
    const type = RESOURCE_TYPES.find((known) => known.name === name);
    if (type === undefined) throw notFound('Resource type');
    return describeType(ctx, type);
  }

  listSchemas(ctx: ScimContext, query: RawQuery): ListResponse {
    refuseFilter(query);
    return whole(SCHEMAS.map((schema) => describeSchema(ctx, schema)));
  }

  /** @throws ScimError 404 */
  getSchema(ctx: ScimContext, urn: string): ScimDocument {
    const schema = SCHEMAS.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
    if (schema === undefined) throw notFound('Schema');
    return describeSchema(ctx, schema);
  }
}

const whole = (resources: ScimDocument[]): ListResponse =>
  listResponse(resources, resources.length);

/** RFC 7644 §4: these lists are not to be filtered, and who tries is told. */
function refuseFilter(query: RawQuery): void {
  if (query.filter !== undefined) throw new ScimError(403, 'This list cannot be filtered');
}

function describeType({ base }: ScimContext, type: ResourceType): ScimDocument {
  return {
    schemas: [`${CORE}:ResourceType`],
    id: type.name,
    name: type.name,
    description: type.description,
    endpoint: type.endpoint,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function describeSchema({ base }: ScimContext, schema: Schema): ScimDocument {
  return {
    schemas: [`${CORE}:Schema`],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  };
}
