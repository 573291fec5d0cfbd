export {
  AUTH_METHODS,
  SCIM_SCOPES,
  TOKEN_STATUSES,
  type AuthMethod,
  type ScimScope,
  type TokenStatus,
} from './core/token';
export { HEALTH_STATES, type HealthState } from './core/health';
export { IDENTITY_PROVIDERS, type IdentityProviderId } from './core/identity-providers';
export { ApiError, ConflictError, NotFoundError } from './core/errors';
export {
  InvalidTokenError,
  NoRotationError,
  NoSecretError,
  NotAuthenticatedError,
  RotationUnderWayError,
  ScimTokenNotFoundError,
  ScimTokenRevokedError,
  ServiceUnavailableError,
  TenantNotAllowedError,
  TenantNotFoundError,
  TokenChangedError,
  TooManyActiveTokensError,
} from './core/errors';
export { InputInvalidError } from './http/validation/input-invalid.error';
export {
  AdminAuthentication,
  type Claims as AdminClaims,
  type JwtKeyOptions,
  type JwtOptions,
} from './core/admin-authentication';
export { Clock, SystemClock } from './core/clock';
export { SCIM_TOKEN_MIGRATIONS } from './database/migrations';
export { runMigrations, runScimTokenMigrations } from './database/migrate';
export { SCIM_TOKEN_ENTITIES } from './database/entities';
export { ScimTokenMetrics } from './core/scim-token-metrics';
export type { RequestContext } from './core/request-context';
export {
  adminContext,
  type AdminCall,
  type NewScimToken,
  type ScimTokenChanges,
  type ScimTokenQuery,
  type ScimTokenRotation,
} from './scim-tokens/host-calls';
export { ScimTokensService, type RevokeOptions } from './scim-tokens/scim-tokens.service';
export type { ScimTokenPageResponse } from './scim-tokens/dto/scim-token-page.response';
export type {
  ScimTokenCreatedResponse,
  ScimTokenResponse,
} from './scim-tokens/dto/scim-token.response';
export { CurrentScimToken, RequireScimScopes } from './scim-guard/scim-route.decorators';
export { REFUSAL_REASONS, ScimTokenRefusedError, type RefusalReason } from './core/refusal';
export { ScimTokenGuard } from './scim-guard/scim-token.guard';
export {
  ScimTokenVerifier,
  type VerifiedScimToken,
  type VerifyOptions,
} from './verification/scim-token.verifier';
export { AuthorizationServerMetadata, METADATA_PATH } from './oauth/authorization-server-metadata';
export { ScimTokensModule } from './module/scim-tokens.module';
export {
  ResolvedScimTokensOptions,
  ScimTokensOptionsError,
  type ScimTokensModuleOptions,
  type ScimCapabilities,
  type WebhookOptions,
} from './core/scim-tokens.options';
export type { ControllerGroup, ScimTokensExtras } from './core/scim-tokens.options';
export type { SetupBrand, SetupOptions } from './core/setup.options';
export type {
  ScimTokensModuleAsyncOptions,
  ScimTokensOptionsFactory,
} from './module/scim-tokens.module-definition';
export { isScimTokensRoute } from './module/controllers';
export {
  ScimTokenEventListener,
  type ScimSetupLinkEvent,
  type ScimSetupLinkEventData,
  type ScimTokenEvent,
  type ScimTokenEventData,
  type ScimTokenEventHealth,
} from './core/scim-token-event-listener';
export {
  FileTenantDirectory,
  OpenTenantDirectory,
  TenantDirectory,
  type Tenant,
} from './core/tenant-directory';
export type { TrustedIssuer } from './core/trusted-issuers';
