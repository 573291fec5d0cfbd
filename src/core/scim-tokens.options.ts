import type { AdminAuthentication, JwtOptions } from './admin-authentication';
import type { Clock } from './clock';
import type { TenantDirectory } from './tenant-directory';
import type { ScimTokenEventListener } from './scim-token-event-listener';
import type { Optional, ResolvedSetup, SetupOptions } from './setup.options';
import type { TrustedIssuer } from './trusted-issuers';

/** Where webhooks go, and the key they are signed with. */
export interface WebhookOptions {
  /** http or https. */
  readonly url: string;
  /** `whsec_` and 24 to 64 random bytes in base64; the prefix may be left out. */
  readonly secret: string;
}

/** What the SCIM server behind the base URL can do, RFC 7643 §5. */
export interface ScimCapabilities {
  readonly patch: Supported;
  readonly bulk: Supported & { readonly maxOperations: number; readonly maxPayloadSize: number };
  readonly filter: Supported & { readonly maxResults: number };
  readonly change_password: Supported;
  readonly sort: Supported;
  readonly etag: Supported;
}

interface Supported {
  readonly supported: boolean;
}

/** Options of the SCIM tokens module, checked and complete. */
export abstract class ResolvedScimTokensOptions {
  /** Base URL of a tenant's SCIM routes; `{tenant_id}` stands for the percent-encoded tenant. */
  abstract readonly baseUrlTemplate: string;
  /**
   * URL under which clients reach the application, without its global prefix; null, the default, for the
   * origin of `baseUrlTemplate`. The token endpoint's URL begins with it.
   */
  abstract readonly publicUrl: string | null;
  /** What endpoint-info announces, RFC 7643 §5. */
  abstract readonly capabilities: ScimCapabilities;
  /** Start of new values: 2 to 16 of a-z 0-9, starting with a letter; `scim` by default. */
  abstract readonly prefix: string;
  /** Lifetime in days of a token created without an expiry, 1 to 3650; 365. RFC 7644 §7.4 asks for a limited one. */
  abstract readonly defaultTtlDays: number;
  /** Longest lifetime in days, counted from the current secret's creation, 1 to 3650; 730. */
  abstract readonly maxTtlDays: number;
  /** Most tokens of a tenant that are neither revoked nor expired, 1 to 100,000; 20. */
  abstract readonly maxActivePerTenant: number;
  /** bcrypt's cost, 10 to 14; 10. */
  abstract readonly bcryptCost: number;
  /** Key of the MAC beside the bcrypt hash, at least 32 random bytes; null, the default, for none. */
  abstract readonly pepper: string | null;
  /** The former pepper while it is replaced; null, the default, for none. */
  abstract readonly pepperPrevious: string | null;
  /** Seconds for which a token's state is remembered, 0 (not at all) to 3600; 5. */
  abstract readonly cacheTtlSeconds: number;
  /** Most tokens that are remembered, 0 to 10,000,000; 100,000. */
  abstract readonly cacheMax: number;
  /** Seconds between two writes of last uses and failures, 1 to 3600; 5. */
  abstract readonly usageFlushSeconds: number;
  /** Days after its revocation at which a token is removed, 0 (never) to 36,500; 0. Its events stay. */
  abstract readonly purgeAfterDays: number;
  /**
   * Requests a minute per administrator, and a minute per address failed authentications and, apart from
   * them, values handed in that end nothing; 0 (no limit) to 1,000,000; 600.
   */
  abstract readonly rateLimitPerMinute: number;
  /** Route parameter in which `ScimTokenGuard` finds the tenant; `tenant_id`. */
  abstract readonly tenantParam: string;
  /** What a reverse proxy proves itself with at `verify`, at least 32 random bytes; null, the default: there is no such route. */
  abstract readonly verifySecret: string | null;
  /** Header in which the proxy says where a request goes, one of {@link VERIFY_URI_HEADERS}; goes with `verifySecret`. */
  abstract readonly verifyUriHeader: VerifyUriHeader | null;
  /** Connection string for LISTEN, where a pooler stands before the data source; null, the default, for the data source's own. */
  abstract readonly listenUrl: string | null;
  /** Connection string of a streaming replica for pages of tokens and events; null, the default, for none. */
  abstract readonly replicaUrl: string | null;
  /**
   * Whether reads that come with every request are planned once on each connection: `auto`, the default,
   * unless a pooler before the database does not keep them, `on` or `off`.
   */
  abstract readonly preparedStatements: PreparedStatementsMode;
  /** Schema our tables lie in; null, the default, for the data source's. */
  abstract readonly schema: string | null;
  /** Whether the module runs its migrations at start, into `scim_token_migrations`; false: they are in the host's own list. */
  abstract readonly runMigrations: boolean;

  /**
   * Connections by OAuth (client credentials, workload identity); null where they are off. `issuers`, none
   * by default, are trusted beside Microsoft Entra ID's, or in place of one of the same `issuer`.
   */
  abstract readonly oauth: { readonly issuers: readonly TrustedIssuer[] } | null;

  /** The page on which a customer's administrator connects an identity provider; null, the default, for none. */
  abstract readonly setup: ResolvedSetup | null;

  /** Where events are sent, as Standard Webhooks; null, the default, for nowhere. */
  abstract readonly webhook: WebhookOptions | null;
  /** Days before an expiry at which it is announced, each 1 to 365; 30, 14, 7 and 1. */
  abstract readonly expiryNoticeDays: readonly number[];
  /** Seconds between two looks for expiries to announce, 1 to 86,400; 60. */
  abstract readonly expiryScanSeconds: number;

  /** How administrators are authenticated. */
  abstract readonly adminAuthentication: AdminAuthentication;
  /** Which tenants exist; without one every tenant, and no partner has any. */
  abstract readonly tenantDirectory: TenantDirectory;
  /** Where the time comes from; the system's clock. */
  abstract readonly clock: Clock;
  /** Hears what happens to tokens; nobody. */
  abstract readonly eventListener: ScimTokenEventListener;
}

/**
 * What a host registers the module with. Whatever is left out has its default; where controllers are
 * mounted, `baseUrlTemplate` and one of `jwt` and `adminAuthentication` have none.
 */
export interface ScimTokensModuleOptions extends Optional<
  Omit<ResolvedScimTokensOptions, 'capabilities' | 'oauth' | 'setup'>
> {
  /** How admin JWTs are verified. Excludes `adminAuthentication`, which does without JWTs of ours. */
  readonly jwt?: JwtOptions | undefined;
  /** What of the capabilities differs from PATCH and filter (200 results) alone. */
  readonly capabilities?: Partial<ScimCapabilities> | undefined;
  /** Issuers that are trusted beside Microsoft Entra ID's; false for no connections by OAuth. */
  readonly oauth?: { readonly issuers?: readonly TrustedIssuer[] | undefined } | false | undefined;
  /** Turns the setup page on, with its links. */
  readonly setup?: SetupOptions | null | undefined;
}

/** Headers in which a reverse proxy may say where a request goes: nginx's habit, and Traefik's. */
export const VERIFY_URI_HEADERS = ['X-Original-URI', 'X-Forwarded-Uri'] as const;

/** One of {@link VERIFY_URI_HEADERS}. */
export type VerifyUriHeader = (typeof VERIFY_URI_HEADERS)[number];

/** Whether statements are prepared. */
export const PREPARED_STATEMENTS_MODES = ['auto', 'on', 'off'] as const;

/** One of {@link PREPARED_STATEMENTS_MODES}. */
export type PreparedStatementsMode = (typeof PREPARED_STATEMENTS_MODES)[number];

/** All that is wrong with the module's options, each named with what it takes. Never holds a value. */
export class ScimTokensOptionsError extends Error {
  constructor(problems: string) {
    super(`ScimTokensModule: wrong options:\n${problems}`);
    this.name = ScimTokensOptionsError.name;
  }
}

/**
 * Groups of controllers: `admin` the six operations, `lifecycle` what goes beyond them, `verification`
 * introspection, `oauth` the token endpoint, `setup` the setup page with its links.
 */
export const CONTROLLER_GROUPS = ['admin', 'lifecycle', 'verification', 'oauth', 'setup'] as const;

/** A group of controllers that a host may mount. */
export type ControllerGroup = (typeof CONTROLLER_GROUPS)[number];

/** How much of us stands in a host's Swagger document. */
export type SwaggerDetail = 'full' | 'operations' | false;

/** What Nest needs to know while it wires the module: static, also where the options come later. */
export interface ScimTokensExtras {
  /** Path of the admin API, below the host's own prefix; `api/v1/admin/scim-tokens`. */
  readonly path: string;
  /** Path of what is no administrator's: introspection, revocation by whoever holds a value, the token endpoint; `api/v1/scim-tokens`. */
  readonly publicPath: string;
  /** Path of the setup page; `setup`. What the page calls lies beside `publicPath`, as `scim-setup`. */
  readonly setupPath: string;
  /** Name of the TypeORM data source that holds our tables; `default`. */
  readonly dataSource: string;
  /** Whether the module's exports can be injected everywhere, without importing it again; false. */
  readonly isGlobal: boolean;
  /** Which controllers are mounted: all by default, `[]` for a host that wants the verifier alone. */
  readonly controllers: readonly ControllerGroup[];
  /**
   * How our operations stand in the host's Swagger document: `full`, as they do unless told otherwise;
   * `operations`, without the schemas of bodies and answers, which make most of its size; or `false`, not at all.
   */
  readonly swagger: SwaggerDetail;
  /** Whether the host's global interceptors run around our handlers as well, and may change what they answer; false. */
  readonly globalInterceptors: boolean;
}

/** What holds where a host says nothing. */
export const DEFAULT_EXTRAS: ScimTokensExtras = {
  path: 'api/v1/admin/scim-tokens',
  publicPath: 'api/v1/scim-tokens',
  setupPath: 'setup',
  dataSource: 'default',
  isGlobal: false,
  controllers: CONTROLLER_GROUPS,
  swagger: 'full',
  globalInterceptors: false,
};
