import { Get, Param, Query } from '@nestjs/common';
import { RequireScimScopes } from 'nest-scim-tokens';
import { CurrentScimContext, ScimController } from '../http/scim-controller.decorator';
import type { RawQuery } from '../protocol/list-query';
import type { ListResponse } from '../protocol/resource';
import type { ScimContext } from '../protocol/scim-context';
import type { ScimDocument } from '../schema/document';
import { DiscoveryService } from './discovery.service';

/** What this server can do, RFC 7644 §4: for any token of the tenant. */
@ScimController()
export class DiscoveryController {
  constructor(private readonly discovery: DiscoveryService) {}

  @Get('ServiceProviderConfig')
  @RequireScimScopes()
  getConfig(@CurrentScimContext() ctx: ScimContext): ScimDocument {
    return this.discovery.getConfig(ctx);
  }

  @Get('ResourceTypes')
  @RequireScimScopes()
  listResourceTypes(
    @CurrentScimContext() ctx: ScimContext,
    @Query() query: RawQuery,
  ): ListResponse {
    return this.discovery.listResourceTypes(ctx, query);
  }

  @Get('ResourceTypes/:name')
  @RequireScimScopes()
  getResourceType(
    @CurrentScimContext() ctx: ScimContext,
    @Param('name') name: string,
  ): ScimDocument {
    return this.discovery.getResourceType(ctx, name);
  }

  @Get('Schemas')
  @RequireScimScopes()
  listSchemas(@CurrentScimContext() ctx: ScimContext, @Query() query: RawQuery): ListResponse {
    return this.discovery.listSchemas(ctx, query);
  }

  @Get('Schemas/:urn')
  @RequireScimScopes()
  getSchema(@CurrentScimContext() ctx: ScimContext, @Param('urn') urn: string): ScimDocument {
    return this.discovery.getSchema(ctx, urn);
  }
}
