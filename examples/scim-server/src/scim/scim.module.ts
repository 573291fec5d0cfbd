import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '../database/database';
import { DiscoveryController } from './discovery/discovery.controller';
import { DiscoveryService } from './discovery/discovery.service';
import { FallbackController } from './fallback.controller';
import { GroupsController } from './groups/groups.controller';
import { GroupsRepository } from './groups/groups.repository';
import { GroupsService } from './groups/groups.service';
import { MembersRepository } from './groups/members.repository';
import { MembershipService } from './groups/membership.service';
import { ScimBaseUrl } from './scim-base-url';
import { SearchController } from './search/search.controller';
import { SearchService } from './search/search.service';
import { UsersController } from './users/users.controller';
import { UsersRepository } from './users/users.repository';
import { UsersService } from './users/users.service';

/** The SCIM routes of every tenant. */
@Module({
  // The order is that of the routes: what is left over comes last.
  controllers: [
    UsersController,
    GroupsController,
    SearchController,
    DiscoveryController,
    FallbackController,
  ],
  providers: [
    Database,
    DiscoveryService,
    GroupsRepository,
    GroupsService,
    MembersRepository,
    MembershipService,
    SearchService,
    UsersRepository,
    UsersService,
  ],
})
export class ScimModule {
  /** @param baseUrl where clients reach the routes */
  static forRoot(baseUrl: ScimBaseUrl): DynamicModule {
    return { module: ScimModule, providers: [{ provide: ScimBaseUrl, useValue: baseUrl }] };
  }
}
