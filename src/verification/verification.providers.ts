import type { FactoryProvider, InjectionToken, Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '../core/clock';
import { SCIM_TOKENS_DATA_SOURCE } from '../database/scim-tokens-data-source';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { SecretHasher } from '../secrets/secret-hasher';
import { GuardedRoutesCheck } from '../scim-guard/guarded-routes.check';
import { ImportedSecrets } from './imported-secrets';
import { RevocationChannel } from './revocation-channel';
import { ScimRouteErrorFilter } from '../scim-guard/scim-route-error';
import { ScimTokenGuard } from '../scim-guard/scim-token.guard';
import { ScimTokenVerifier } from './scim-token.verifier';
import { SecretLookup } from './secret-lookup';
import { UsageBuffer } from '../usage/usage-buffer';
import { UsageRepository } from '../usage/usage.repository';
import { UsageWriter } from '../usage/usage-writer';
import { VerificationLifecycle } from './verification-lifecycle';
import { VerificationMemory } from './verification-memory';
import { VerificationMetrics } from './verification-metrics';
import { VerificationRepository } from './verification.repository';
import { VerificationStats } from './verification-stats';

/** What checks presented tokens, and the guard around it. */
export const VERIFICATION_PROVIDERS: readonly Provider[] = [
  VerificationStats,
  VerificationMetrics,
  UsageBuffer,
  ScimTokenVerifier,
  ScimTokenGuard,
  ScimRouteErrorFilter,
  GuardedRoutesCheck,
  VerificationLifecycle,
  provide(
    VerificationMemory,
    [ResolvedScimTokensOptions],
    ({ cacheTtlSeconds, cacheMax }: ResolvedScimTokensOptions) =>
      new VerificationMemory({ ttlMs: cacheTtlSeconds * 1000, max: cacheMax }),
  ),
  provide(
    VerificationRepository,
    [SCIM_TOKENS_DATA_SOURCE],
    (source: DataSource) => new VerificationRepository(source),
  ),
  provide(
    UsageRepository,
    [SCIM_TOKENS_DATA_SOURCE],
    (source: DataSource) => new UsageRepository(source),
  ),
  provide(
    RevocationChannel,
    [SCIM_TOKENS_DATA_SOURCE, VerificationMemory, ResolvedScimTokensOptions],
    (
      source: DataSource,
      memory: VerificationMemory,
      { listenUrl, cacheTtlSeconds }: ResolvedScimTokensOptions,
    ) => new RevocationChannel(source, memory, { listenUrl, ttlMs: cacheTtlSeconds * 1000 }),
  ),
  provide(
    ImportedSecrets,
    [VerificationMemory, VerificationRepository],
    (memory: VerificationMemory, repository: VerificationRepository) =>
      new ImportedSecrets(memory, repository),
  ),
  provide(
    SecretLookup,
    [VerificationMemory, VerificationRepository, SecretHasher, ImportedSecrets],
    (
      memory: VerificationMemory,
      repository: VerificationRepository,
      hasher: SecretHasher,
      imported: ImportedSecrets,
    ) => new SecretLookup(memory, repository, hasher, imported),
  ),
  provide(
    UsageWriter,
    [UsageBuffer, UsageRepository, Clock, ResolvedScimTokensOptions],
    (
      buffer: UsageBuffer,
      repository: UsageRepository,
      clock: Clock,
      { usageFlushSeconds }: ResolvedScimTokensOptions,
    ) => new UsageWriter(buffer, repository, clock, usageFlushSeconds * 1000),
  ),
];

function provide<Result>(
  token: abstract new (...args: never[]) => Result,
  inject: InjectionToken[],
  useFactory: (...args: never[]) => Result,
): FactoryProvider<Result> {
  return {
    provide: token,
    inject,
    useFactory: useFactory as FactoryProvider<Result>['useFactory'],
  };
}
