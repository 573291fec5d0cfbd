import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type ConfigurableModuleOptionsFactory,
  type InjectionToken,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  requireTypeOrm,
  scimTokensDataSource,
  SCIM_TOKENS_DATA_SOURCE,
} from '../database/scim-tokens-data-source';
import { controllersFor, excludeUnserved } from './controllers';
import { resolveExtras, resolveOptions } from './options/resolve-options';
import {
  DEFAULT_EXTRAS,
  type ScimTokensExtras,
  ResolvedScimTokensOptions,
  type ScimTokensModuleOptions,
} from '../core/scim-tokens.options';
import { SetupUrls } from '../core/setup-urls';
import { TokenEndpointUrls } from '../core/token-endpoint-urls';

// While modules load: a host's own registration of TypeORM, which comes before ours, may be what fails.
requireTypeOrm();

/** What `forRootAsync` takes: where the options come from, and the static ones. */
export type ScimTokensModuleAsyncOptions = ConfigurableModuleAsyncOptions<ScimTokensModuleOptions> &
  Partial<ScimTokensExtras>;

/** What a class named by `useClass` or `useExisting` is: its `create` answers the options. */
export type ScimTokensOptionsFactory = ConfigurableModuleOptionsFactory<
  ScimTokensModuleOptions,
  'create'
>;

/** Injection token of the options as they were given. */
const GIVEN_OPTIONS = Symbol('scim-tokens.options');

/** Base of the module: brings `forRoot` and `forRootAsync`. */
export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<ScimTokensModuleOptions>({
  optionsInjectionToken: GIVEN_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<Partial<ScimTokensExtras>>(DEFAULT_EXTRAS, (definition, given) => {
    const extras = resolveExtras(given);
    const controllers = controllersFor(extras);
    return {
      ...definition,
      global: extras.isGlobal,
      controllers,
      providers: [
        ...(definition.providers ?? []),
        {
          provide: ResolvedScimTokensOptions,
          inject: [GIVEN_OPTIONS],
          useFactory: (options: ScimTokensModuleOptions) => {
            const resolved = resolveOptions(options, extras);
            excludeUnserved(controllers, resolved);
            return resolved;
          },
        },
        {
          provide: TokenEndpointUrls,
          inject: [ResolvedScimTokensOptions, ApplicationConfig],
          useFactory: (options: ResolvedScimTokensOptions, application: ApplicationConfig) =>
            new TokenEndpointUrls({
              ...options,
              isServed: options.oauth !== null && extras.controllers.includes('oauth'),
              publicPath: extras.publicPath,
              globalPrefix: () => application.getGlobalPrefix(),
            }),
        },
        {
          provide: SetupUrls,
          inject: [ResolvedScimTokensOptions, ApplicationConfig],
          useFactory: ({ setup }: ResolvedScimTokensOptions, application: ApplicationConfig) =>
            new SetupUrls({
              publicUrl: setup?.publicUrl ?? '',
              setupPath: extras.setupPath,
              globalPrefix: () => application.getGlobalPrefix(),
            }),
        },
        {
          provide: SCIM_TOKENS_DATA_SOURCE,
          inject: [
            ResolvedScimTokensOptions,
            {
              token: getDataSourceToken(extras.dataSource) as InjectionToken<DataSource>,
              optional: true,
            },
          ],
          useFactory: (options: ResolvedScimTokensOptions, dataSource?: DataSource) =>
            scimTokensDataSource(dataSource, extras.dataSource, options),
        },
      ],
    };
  })
  .build();
