import type { Type } from '@nestjs/common';
import { AuditEventsController } from '../audit/audit-events.controller';
import { FoundValuesController } from '../leaks/found-values.controller';
import { LeaksController } from '../leaks/leaks.controller';
import { ImportController } from '../imports/import.controller';
import { IntrospectionController } from '../introspection/introspection.controller';
import { ApiExcludeController } from '../http/openapi-decorators';
import { mounted } from './mounting';
import { ProxiedRequestsController } from '../scim-guard/proxy/proxied-requests.controller';
import { RevokeAllController } from '../revoke-all/revoke-all.controller';
import { RotationController } from '../rotation/rotation.controller';
import { ScimTokensController } from '../scim-tokens/scim-tokens.controller';
import type { ControllerGroup, ScimTokensExtras } from '../core/scim-tokens.extras';
import type { ResolvedScimTokensOptions } from '../core/scim-tokens.options';

/**
 * The controllers of each group, in the order in which their routes are tried: those with a word in
 * their path stand before the one that would take it for a token's id.
 */
const CONTROLLERS: Readonly<Record<ControllerGroup, readonly Type[]>> = {
  lifecycle: [
    AuditEventsController,
    RevokeAllController,
    ImportController,
    RotationController,
    LeaksController,
    FoundValuesController,
  ],
  verification: [IntrospectionController, ProxiedRequestsController],
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
  { verifySecret }: ResolvedScimTokensOptions,
): void {
  if (verifySecret !== null) return;
  for (const controller of controllers) {
    if (controller.prototype instanceof ProxiedRequestsController) {
      ApiExcludeController()(controller);
    }
  }
}
