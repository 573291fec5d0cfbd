import {
  CONTROLLER_GROUPS,
  DEFAULT_EXTRAS,
  type ControllerGroup,
  type ScimTokensExtras,
  type SwaggerDetail,
} from '../../core/scim-tokens.extras';
import { OptionProblems } from './option-problems';

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
