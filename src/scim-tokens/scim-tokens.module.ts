import { Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AuthLimits } from '../auth/auth-limits';
import { JwtStrategy } from '../auth/jwt.strategy';
import { Clock, SystemClock } from '../common/clock';
import { TenantDirectory } from '../tenancy/tenant-directory';
import { TenantScopeResolver } from '../tenancy/tenant-scope.resolver';
import { TokenListRepository } from './list/token-list.repository';
import { ScimTokensController } from './scim-tokens.controller';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type ScimTokensModuleOptions,
} from './scim-tokens.module-definition';
import { ScimTokenMetrics } from './metrics/scim-token-metrics';
import { ResolvedScimTokensOptions } from './scim-tokens.options';
import { ScimTokensRepository } from './scim-tokens.repository';
import { ScimTokensService } from './scim-tokens.service';
import { SecretHasher } from './secret/secret-hasher';
import { TenantTransactions } from './tenant-transaction';

/** The admin API of SCIM tokens. Brings its own guards, interceptor, pipe and filter; needs a data source. */
@Module({
  controllers: [ScimTokensController],
  providers: [
    ScimTokensService,
    ScimTokenMetrics,
    TenantScopeResolver,
    { provide: ResolvedScimTokensOptions, useExisting: MODULE_OPTIONS_TOKEN },
    {
      provide: TenantDirectory,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (options: ScimTokensModuleOptions) => options.tenantDirectory,
    },
    {
      provide: Clock,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (options: ScimTokensModuleOptions) => options.clock ?? new SystemClock(),
    },
    {
      provide: JwtStrategy,
      inject: [ResolvedScimTokensOptions],
      useFactory: ({ jwt }: ResolvedScimTokensOptions) => new JwtStrategy(jwt),
    },
    {
      provide: AuthLimits,
      inject: [ResolvedScimTokensOptions],
      useFactory: (options: ResolvedScimTokensOptions) =>
        new AuthLimits(options.rateLimitPerMinute),
    },
    {
      provide: SecretHasher,
      inject: [ResolvedScimTokensOptions],
      useFactory: ({ bcryptCost, pepper }: ResolvedScimTokensOptions) =>
        new SecretHasher(bcryptCost, pepper),
    },
    {
      provide: ScimTokensRepository,
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => new ScimTokensRepository(dataSource),
    },
    {
      provide: TokenListRepository,
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => new TokenListRepository(dataSource),
    },
    {
      provide: TenantTransactions,
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => new TenantTransactions(dataSource),
    },
  ],
  exports: [ScimTokensService, ScimTokenMetrics],
})
export class ScimTokensModule extends ConfigurableModuleClass {}
