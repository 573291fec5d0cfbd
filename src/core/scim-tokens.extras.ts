/** Groups of controllers: `admin` the six operations, `lifecycle` what goes beyond them, `verification` introspection. */
export const CONTROLLER_GROUPS = ['admin', 'lifecycle', 'verification'] as const;

/** A group of controllers that a host may mount. */
export type ControllerGroup = (typeof CONTROLLER_GROUPS)[number];

/** How much of us stands in a host's Swagger document. */
export type SwaggerDetail = 'full' | 'operations' | false;

/** What Nest needs to know while it wires the module: static, also where the options come later. */
export interface ScimTokensExtras {
  /** Path of the admin API, below the host's own prefix; `api/v1/admin/scim-tokens`. */
  readonly path: string;
  /** Path of what is no administrator's: introspection, and revocation by whoever holds a value; `api/v1/scim-tokens`. */
  readonly publicPath: string;
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
  dataSource: 'default',
  isGlobal: false,
  controllers: CONTROLLER_GROUPS,
  swagger: 'full',
  globalInterceptors: false,
};
