import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { TenantDirectory } from '../tenancy/tenant-directory';
import type { Clock } from '../common/clock';
import type { ResolvedScimTokensOptions } from './scim-tokens.options';

/** What the module is registered with. */
export interface ScimTokensModuleOptions extends ResolvedScimTokensOptions {
  /** Which tenants exist. */
  readonly tenantDirectory: TenantDirectory;
  /** Where the time comes from; the system's clock without one. */
  readonly clock?: Clock;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ScimTokensModuleOptions>({ moduleName: 'ScimTokens' })
    .setClassMethodName('forRoot')
    .build();
