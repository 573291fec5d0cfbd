import {
  ConfigurableModuleBuilder,
  Logger,
  type ConfigurableModuleAsyncOptions,
  type ConfigurableModuleOptionsFactory,
  type DynamicModule,
  type InjectionToken,
  type ValueProvider,
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
import { SetupPage } from '../setup/page/setup-page';

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

const logger = new Logger('ScimTokensModule');

/** Injection token of the options as they were given. */
const GIVEN_OPTIONS = Symbol('scim-tokens.options');

/** Base of the module: brings `forRoot` and `forRootAsync`. */
export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<ScimTokensModuleOptions>({
  optionsInjectionToken: GIVEN_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<Partial<ScimTokensExtras>>(DEFAULT_EXTRAS, (definition, given) => {
    const extras = servedExtras(resolveExtras(given), definition);
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
          provide: SetupPage,
          inject: [ResolvedScimTokensOptions],
          useFactory: ({ setup }: ResolvedScimTokensOptions) => {
            if (setup === null) return null;
            if (extras.controllers.includes('setup')) return new SetupPage(setup, extras);
            // Registrations may share their options: it is not an error.
            logger.warn(
              'The option setup does nothing here: controllers leaves out the group setup, and with it the page and its links',
            );
            return null;
          },
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

/** Without the option `setup` there are no routes of its group: a host may have a page of its own at that path. */
function servedExtras(
  extras: ScimTokensExtras,
  { providers = [] }: DynamicModule,
): ScimTokensExtras {
  const given = providers.find(
    (provider): provider is ValueProvider<ScimTokensModuleOptions> =>
      'provide' in provider && provider.provide === GIVEN_OPTIONS && 'useValue' in provider,
  );
  // With forRootAsync nothing is known yet.
  if (given === undefined || (given.useValue.setup ?? null) !== null) return extras;
  return { ...extras, controllers: extras.controllers.filter((group) => group !== 'setup') };
}
