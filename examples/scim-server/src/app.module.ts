import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ScimTokensModule } from 'nest-scim-tokens';
import type { Config } from './config';
import { dataSourceOptions } from './database/data-source.options';
import { CAPABILITIES } from './scim/discovery/capabilities';
import { ScimBaseUrl } from './scim/scim-base-url';
import { ScimModule } from './scim/scim.module';

/** The host: a database, the tokens' admin API and guard, and the SCIM routes behind it. */
@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    const baseUrl = new ScimBaseUrl(config.publicUrl);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(dataSourceOptions(config.databaseUrl)),
        ScimTokensModule.forRoot({
          isGlobal: true,
          runMigrations: true,
          baseUrlTemplate: baseUrl.template,
          capabilities: CAPABILITIES,
          jwt: { key: { secret: config.jwtSecret } },
          pepper: config.pepper,
          publicUrl: config.publicUrl,
          oauth: { issuers: config.oauthIssuers },
        }),
        ScimModule.forRoot(baseUrl),
      ],
    };
  }
}
