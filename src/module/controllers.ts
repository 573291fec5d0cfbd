import { Controller, VERSION_NEUTRAL, type ExecutionContext, type Type } from '@nestjs/common';
import { AuditEntriesController } from '../audit/audit-entries.controller';
import { ExplainController } from '../explain/explain.controller';
import { SetupExplainController } from '../explain/setup-explain.controller';
import { FoundValuesController } from '../leaks/found-values.controller';
import { LeaksController } from '../leaks/leaks.controller';
import { ImportController } from '../imports/import.controller';
import { IntrospectionController } from '../introspection/introspection.controller';
import { ApiExcludeController, describeWithoutSchemas } from '../http/openapi-decorators';
import { markOwnAnswers } from '../http/global-interceptors';
import { markRoutes } from '../http/fastify-routes';
import {
  TokenEndpointController,
  TokenEndpointMethodsController,
} from '../oauth/token-endpoint.controller';
import { ProxiedRequestsController } from '../scim-guard/proxy/proxied-requests.controller';
import { RevokeAllController } from '../revoke-all/revoke-all.controller';
import { RotationController } from '../rotation/rotation.controller';
import { ScimTokensController } from '../scim-tokens/scim-tokens.controller';
import {
  DEFAULT_EXTRAS,
  type ControllerGroup,
  type ScimTokensExtras,
  type ResolvedScimTokensOptions,
} from '../core/scim-tokens.options';
import { SetupController } from '../setup/session/setup.controller';
import { SetupLinksController } from '../setup/links/setup-links.controller';
import { SetupPageController } from '../setup/page/setup-page.controller';
import { SETUP_API_PATH, setupApiPath } from '../core/setup-urls';

/**
 * The controllers of each group, in the order in which their routes are tried: those with a word in
 * their path stand before the one that would take it for a token's id.
 */
const CONTROLLERS: Readonly<Record<ControllerGroup, readonly Type[]>> = {
  lifecycle: [
    AuditEntriesController,
    RevokeAllController,
    ImportController,
    RotationController,
    LeaksController,
    ExplainController,
    FoundValuesController,
  ],
  verification: [IntrospectionController, ProxiedRequestsController],
  oauth: [TokenEndpointController, TokenEndpointMethodsController],
  setup: [SetupController, SetupExplainController, SetupLinksController, SetupPageController],
  admin: [ScimTokensController],
};

/** The controllers that a host asked for, below its paths. */
export function controllersFor(extras: ScimTokensExtras): Type[] {
  const groups = (Object.keys(CONTROLLERS) as ControllerGroup[]).filter((group) =>
    extras.controllers.includes(group),
  );
  return groups.flatMap((group) =>
    CONTROLLERS[group].map((controller) => mounted(controller, extras)),
  );
}

/** Leaves out of a host's document the routes that these options do not serve: they answer 404. */
export function excludeUnserved(
  controllers: readonly Type[],
  { verifySecret, oauth, setup }: ResolvedScimTokensOptions,
): void {
  const unserved: readonly Type[] = [
    ...(verifySecret === null ? [ProxiedRequestsController] : []),
    ...(oauth === null ? [TokenEndpointController] : []),
    ...(setup === null ? CONTROLLERS.setup : []),
  ];
  for (const controller of controllers) {
    if (unserved.some((one) => controller.prototype instanceof one)) {
      ApiExcludeController()(controller);
    }
  }
}

/** Key under which Nest keeps a controller's path. */
const NEST_PATH = 'path';
const MOUNTED = 'scim-tokens:mounted';

/**
 * A controller as one registration of the module mounts it: below the paths it asked for, and under every
 * version, so that a host that versions its URLs does not move ours. A class of its own: Nest keeps the
 * path on the class, and a second registration may have another.
 */
function mounted(
  controller: Type,
  {
    swagger,
    globalInterceptors,
    ...paths
  }: Paths & Pick<ScimTokensExtras, 'swagger' | 'globalInterceptors'>,
): Type {
  const Mounted = { [controller.name]: class extends controller {} }[controller.name] as Type;
  const path = moved(Reflect.getMetadata(NEST_PATH, controller) as string, paths);
  Controller({ path, version: VERSION_NEUTRAL })(Mounted);
  Reflect.defineMetadata(MOUNTED, true, Mounted);
  markRoutes(controller);
  if (!globalInterceptors) markOwnAnswers(Mounted);
  if (swagger === false) ApiExcludeController()(Mounted);
  if (swagger === 'operations') describeWithoutSchemas(Mounted, controller);
  return Mounted;
}

/** Whether a request is for one of our routes: a host's own global guard may leave those to us. */
export function isScimTokensRoute(context: ExecutionContext): boolean {
  return Reflect.hasMetadata(MOUNTED, context.getClass());
}

type Paths = Pick<ScimTokensExtras, 'path' | 'publicPath' | 'setupPath'>;

function moved(path: string, paths: Paths): string {
  const moves = [
    [DEFAULT_EXTRAS.path, paths.path],
    [DEFAULT_EXTRAS.publicPath, paths.publicPath],
    [DEFAULT_EXTRAS.setupPath, paths.setupPath],
    [SETUP_API_PATH, setupApiPath(paths.publicPath)],
  ] as const;
  for (const [declared, asked] of moves) {
    if (path === declared || path.startsWith(`${declared}/`)) {
      return asked + path.slice(declared.length);
    }
  }
  throw new Error(`The controller at ${path} lies below none of the module's paths`);
}
