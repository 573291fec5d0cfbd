import { AdminAuthentication } from '../core/admin-authentication';
import {
  Module,
  Scope,
  type FactoryProvider,
  type InjectionToken,
  type NestModule,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { AdminRefusals } from '../admin/admin-refusals';
import { AuthLimits } from '../admin/auth-limits';
import { Clock } from '../core/clock';
import { AdminReads } from '../database/admin-reads';
import { SCIM_TOKENS_DATA_SOURCE } from '../database/scim-tokens-data-source';
import { TenantDirectory } from '../core/tenant-directory';
import { TenantsRepository } from '../database/tenants.repository';
import { serveOnFastify } from '../http/fastify-routes';
import { keepInterceptorsOff } from '../http/global-interceptors';
import { AuthorizationServerMetadata } from '../oauth/authorization-server-metadata';
import { JwksMetrics } from '../admin/jwt-admin-authentication';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { Outbox } from '../ledger/outbox';
import { EventDeliveries } from '../events/event-deliveries';
import { EventMetrics } from '../events/event-metrics';
import { OutboxRepository } from '../events/outbox.repository';
import { TenantPolicies } from '../core/tenant-policies';
import { TrustedIssuers } from '../core/trusted-issuers';
import { RotationWatch } from '../rotation/rotation-watch';
import { AuthFailureDigests } from '../scan/auth-failure-digests';
import { ExpiryAnnouncer } from '../scan/expiry-announcer';
import { ExpiredAccessTokens } from '../scan/expired-access-tokens';
import { HealthWatch } from '../scan/health-watch';
import { LifecycleScan, SCAN_TASKS, type ScanTask } from '../scan/lifecycle-scan';
import { ScanRuns } from '../scan/scan-runs';
import { SetupLinkPurge } from '../scan/setup-link-purge';
import { TokenPurge } from '../scan/token-purge';
import { ScimTokenEventListener } from '../core/scim-token-event-listener';
import { EXPLAIN, FEATURES, OAUTH } from './feature-providers';
import { ConfigurableModuleClass } from './scim-tokens.module-definition';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import { ConnectionWatch } from '../setup/session/connection-watch';
import { ScimTokensService } from '../scim-tokens/scim-tokens.service';
import { BcryptQueue } from '../secrets/bcrypt-queue';
import { SecretHasher } from '../secrets/secret-hasher';
import { Ledger } from '../ledger/ledger';
import { ScimRouteErrorFilter } from '../scim-guard/scim-route-error';
import { GuardedRoutesCheck } from '../scim-guard/guarded-routes.check';
import { ScimTokenGuard } from '../scim-guard/scim-token.guard';
import { UsageBuffer } from '../usage/usage-buffer';
import { UsageRepository } from '../usage/usage.repository';
import { UsageWriter } from '../usage/usage-writer';
import { WriteBatches } from '../usage/write-batches';
import { ImportedSecrets } from '../verification/imported-secrets';
import { RevocationChannel } from '../verification/revocation-channel';
import { ScimTokenVerifier } from '../verification/scim-token.verifier';
import { MacImprover } from '../verification/mac-improver';
import { SecretLookup } from '../verification/secret-lookup';
import { TokenCache } from '../verification/token-cache';
import { VerificationMetrics } from '../verification/verification-metrics';
import { VerificationRepository } from '../verification/verification.repository';

/** Injects an option by the class of its port. */
function port<Name extends keyof ResolvedScimTokensOptions>(
  provide: InjectionToken<ResolvedScimTokensOptions[Name]>,
  name: Name,
): FactoryProvider<ResolvedScimTokensOptions[Name]> {
  return {
    provide,
    inject: [ResolvedScimTokensOptions],
    useFactory: (options: ResolvedScimTokensOptions) => options[name],
  };
}

const PORTS = [
  port(Clock, 'clock'),
  port(TenantDirectory, 'tenantDirectory'),
  port(AdminAuthentication, 'adminAuthentication'),
  port(ScimTokenEventListener, 'eventListener'),
  ScimTokenMetrics,
  {
    provide: TrustedIssuers,
    inject: [ResolvedScimTokensOptions],
    useFactory: ({ oauth }: ResolvedScimTokensOptions) => new TrustedIssuers(oauth),
  },
];
const ADMIN = [JwksMetrics, TenantPolicies, AuthLimits, AdminRefusals];
const LEDGER = [
  AdminReads,
  TenantsRepository,
  ScimTokensRepository,
  BcryptQueue,
  SecretHasher,
  Outbox,
  Ledger,
];
const VERIFICATION = [
  UsageBuffer,
  UsageRepository,
  UsageWriter,
  WriteBatches,
  TokenCache,
  RevocationChannel,
  VerificationRepository,
  ImportedSecrets,
  MacImprover,
  SecretLookup,
  VerificationMetrics,
  ScimTokenVerifier,
  ScimTokenGuard,
  ScimRouteErrorFilter,
  GuardedRoutesCheck,
];
const EVENTS = [OutboxRepository, EventMetrics, EventDeliveries];
const SCAN = [
  ScanRuns,
  HealthWatch,
  ExpiryAnnouncer,
  AuthFailureDigests,
  ExpiredAccessTokens,
  TokenPurge,
  SetupLinkPurge,
  LifecycleScan,
  {
    provide: SCAN_TASKS,
    // Health first: it notes that the scan runs, also where another instance is at the rest.
    inject: [
      HealthWatch,
      ExpiryAnnouncer,
      RotationWatch,
      ConnectionWatch,
      AuthFailureDigests,
      ExpiredAccessTokens,
      TokenPurge,
      SetupLinkPurge,
    ],
    useFactory: (...tasks: ScanTask[]) => tasks,
  },
];

/**
 * SCIM tokens: the admin API, and what checks them. Brings its own guards, interceptor, pipe and filter
 * and leaves the host's alone; needs a PostgreSQL data source.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    ...PORTS,
    ...ADMIN,
    ...LEDGER,
    ...FEATURES,
    ...VERIFICATION,
    ...OAUTH,
    ...EXPLAIN,
    ...EVENTS,
    ...SCAN,
  ],
  exports: [
    ScimTokensService,
    ScimTokenMetrics,
    RevocationChannel,
    ScimTokenVerifier,
    ScimTokenGuard,
    ScimRouteErrorFilter,
    ResolvedScimTokensOptions,
    AuthorizationServerMetadata,
  ],
})
export class ScimTokensModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  constructor(
    private readonly modules: ModuleRef,
    private readonly adapterHost: HttpAdapterHost,
    private readonly applicationConfig: ApplicationConfig,
  ) {
    super();
  }

  /** Nest calls it right before it registers routes. */
  configure(): void {
    serveOnFastify(this.adapterHost);
    keepInterceptorsOff(this.applicationConfig);
  }

  /**
   * Nest calls it at start.
   *
   * @throws Error where the options are made anew per request: memories and limits would be, too
   */
  onModuleInit(): void {
    const { scope } = this.modules.introspect(SCIM_TOKENS_DATA_SOURCE);
    if (scope !== Scope.DEFAULT) {
      throw new Error(
        'ScimTokensModule: forRootAsync takes nothing that is request-scoped or transient',
      );
    }
  }
}
