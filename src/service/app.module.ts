import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Clock } from '../core/clock';
import type { AppConfig } from './config/config';
import { dataSourceOptions } from '../database/data-source.options';
import { CONTROLLER_GROUPS } from '../core/scim-tokens.options';
import { ScimTokensModule } from '../module/scim-tokens.module';
import type { TenantDirectory } from '../core/tenant-directory';
import { AuthorizationServerController } from './authorization-server.controller';
import { HealthController } from './health.controller';
import { DatabaseMetrics } from './metrics/database-metrics';
import { MetricsController, ServiceMetrics } from './metrics/service-metrics';
import { OrphansWarning } from './orphaned-tenants';
import { RouteFallbackModule } from './route-fallback';

/** What the service is put together from. */
export interface AppParts {
  readonly config: AppConfig;
  /** The configured database, or the embedded one. */
  readonly databaseUrl: string;
  readonly tenantDirectory: TenantDirectory;
  /** The system's clock without one. */
  readonly clock?: Clock;
}

/** The stand-alone service: our module with a database, health and metrics around it. */
@Module({})
export class AppModule {
  static forRoot({ config, databaseUrl, tenantDirectory, clock }: AppParts): DynamicModule {
    const { database, jwt, tokens } = config;
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(
          dataSourceOptions({
            url: databaseUrl,
            schema: database.schema,
            poolMax: database.poolMax,
          }),
        ),
        TerminusModule.forRoot({ logger: false }),
        ScimTokensModule.forRoot({
          ...tokens,
          jwt,
          // Nothing there, whatever the method.
          controllers: CONTROLLER_GROUPS.filter(
            (group) => (group !== 'setup' && group !== 'oauth') || tokens[group],
          ),
          tenantDirectory,
          ...(clock && { clock }),
        }),
        RouteFallbackModule.beside(Boolean(tokens.oauth)),
      ],
      providers: [ServiceMetrics, OrphansWarning, DatabaseMetrics],
      controllers: [
        HealthController,
        ...(tokens.oauth ? [AuthorizationServerController] : []),
        ...(config.metricsEnabled ? [MetricsController] : []),
      ],
    };
  }
}
