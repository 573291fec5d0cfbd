import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { AppConfig } from '../config/config';
import { dataSourceOptions } from '../database/data-source.options';
import { ScimTokensModule } from '../scim-tokens/scim-tokens.module';
import type { TenantDirectory } from '../tenancy/tenant-directory';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics';
import { RouteFallbackController } from './route-fallback.controller';

/** Answers for whatever no other module's route took; imported last. */
@Module({ controllers: [RouteFallbackController] })
class RouteFallbackModule {}

/** The stand-alone service: our module with a database, health and metrics around it. */
@Module({})
export class AppModule {
  /** @param databaseUrl the configured database, or the embedded one */
  static forRoot(config: AppConfig, databaseUrl: string, directory: TenantDirectory): DynamicModule {
    const { database, http, jwt, tokens } = config;
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
          rateLimitPerMinute: http.rateLimitPerMinute,
          capabilities: config.capabilities,
          tenantDirectory: directory,
        }),
        RouteFallbackModule,
      ],
      controllers: [HealthController, ...(config.metricsEnabled ? [MetricsController] : [])],
    };
  }
}
