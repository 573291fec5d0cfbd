import { OptionProblems } from './options/option-problems';

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

/**
 * Fills in the defaults, and trims slashes off the paths.
 *
 * @throws ScimTokensOptionsError that names every wrong one and what it takes
 */
export function resolveExtras(given: Partial<ScimTokensExtras>): ScimTokensExtras {
  const problems = new OptionProblems();
  const path = problems.read('path', given.path, PATH, DEFAULT_EXTRAS.path);
  const publicPath = problems.read('publicPath', given.publicPath, PATH, DEFAULT_EXTRAS.publicPath);
  const extras: ScimTokensExtras = {
    path: trimmed(path),
    publicPath: trimmed(publicPath),
    dataSource: problems.read('dataSource', given.dataSource, NAME, DEFAULT_EXTRAS.dataSource),
    isGlobal: problems.read('isGlobal', given.isGlobal, BOOLEAN, DEFAULT_EXTRAS.isGlobal),
    controllers: problems.read('controllers', given.controllers, GROUPS, CONTROLLER_GROUPS),
    swagger: problems.read('swagger', given.swagger, SWAGGER, DEFAULT_EXTRAS.swagger),
    globalInterceptors: problems.read(
      'globalInterceptors',
      given.globalInterceptors,
      BOOLEAN,
      DEFAULT_EXTRAS.globalInterceptors,
    ),
  };
  problems.requireNone();
  return extras;
}

const PATH = {
  is: (value: unknown): value is string =>
    typeof value === 'string' && /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/.test(value),
  takes: 'a path such as api/v1/admin/scim-tokens, without parameters',
};

const NAME = {
  is: (value: unknown): value is string => typeof value === 'string' && value !== '',
  takes: 'the name of a TypeORM data source',
};

const BOOLEAN = {
  is: (value: unknown): value is boolean => typeof value === 'boolean',
  takes: 'true or false',
};

const SWAGGER = {
  is: (value: unknown): value is SwaggerDetail =>
    value === 'full' || value === 'operations' || value === false,
  takes: "'full', 'operations' or false",
};

const GROUPS = {
  is: (value: unknown): value is readonly ControllerGroup[] =>
    Array.isArray(value) &&
    value.every((name) => (CONTROLLER_GROUPS as readonly unknown[]).includes(name)),
  takes: `a list of ${CONTROLLER_GROUPS.join(', ')}`,
};

function trimmed(path: string): string {
  return path.replace(/^\/|\/$/g, '');
}
