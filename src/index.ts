export {
  ApiError,
  AuthUnavailableError,
  BodyNotParsableError,
  BodyTooLargeError,
  ConflictError,
  InsufficientPermissionsError,
  InvalidTokenError,
  MethodNotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
  PlatformScopeRequiredError,
  ServiceUnavailableError,
  TenantNotAllowedError,
  TenantNotFoundError,
  TooManyRequestsError,
  UnsupportedContentTypeError,
  UnsupportedEncodingError,
} from './common/errors';
export { AdminAuthentication } from './auth/admin-authentication';
export type { Claims as AdminClaims } from './auth/caller';
export type { JwtKeyOptions, JwtOptions } from './auth/jwt.options';
export { Clock, SystemClock } from './common/clock';
export { SCIM_TOKEN_MIGRATIONS } from './database/migrations';
export { runMigrations } from './database/migrate';
export { runScimTokenMigrations } from './database/migrate-host';
export type { ScimCapabilities } from './scim-tokens/endpoint-info/endpoint-info';
export { SCIM_TOKEN_ENTITIES } from './scim-tokens/entities';
export { ScimTokenMetrics } from './scim-tokens/metrics/scim-token-metrics';
export {
  SCIM_SCOPES,
  TOKEN_STATUSES,
  type ScimScope,
  type TokenStatus,
} from './scim-tokens/scim-token.constants';
export {
  ScimTokenNotFoundError,
  ScimTokenRevokedError,
  TokenChangedError,
  TooManyActiveTokensError,
} from './scim-tokens/scim-tokens.errors';
export type { WebhookOptions } from './scim-tokens/outbox/webhook-sender';
export { CurrentScimToken } from './scim-tokens/verification/current-scim-token.decorator';
export {
  REFUSAL_REASONS,
  ScimTokenRefusedError,
  type RefusalReason,
} from './scim-tokens/verification/refusal';
export { RequireScimScopes } from './scim-tokens/verification/scim-scopes.decorator';
export { ScimTokenGuard } from './scim-tokens/verification/scim-token.guard';
export {
  ScimTokenVerifier,
  type VerifiedScimToken,
  type VerifyOptions,
} from './scim-tokens/verification/scim-token.verifier';
export { ScimTokensModule } from './scim-tokens/scim-tokens.module';
export {
  ResolvedScimTokensOptions,
  type ScimTokensModuleOptions,
} from './scim-tokens/scim-tokens.options';
export type { ControllerGroup, ScimTokensExtras } from './scim-tokens/scim-tokens.extras';
export type {
  ScimTokensModuleAsyncOptions,
  ScimTokensOptionsFactory,
} from './scim-tokens/scim-tokens.module-definition';
export { ScimTokensOptionsError } from './scim-tokens/options/option-problems';
export { isScimTokensRoute } from './scim-tokens/mounting';
export {
  ScimTokenEventListener,
  type ScimTokenNotice,
  type ScimTokenNoticeData,
} from './scim-tokens/scim-token-event-listener';
export {
  FileTenantDirectory,
  OpenTenantDirectory,
  TenantDirectory,
  type Tenant,
} from './tenancy/tenant-directory';
