import type { Type } from '@nestjs/common';
import { mounted } from './mounting';
import { ScimTokensController } from './scim-tokens.controller';
import type { ControllerGroup, ScimTokensExtras } from './scim-tokens.extras';

/** The controllers of each group, in the order in which their routes are tried. */
const CONTROLLERS: Readonly<Record<ControllerGroup, readonly Type[]>> = {
  admin: [ScimTokensController],
  lifecycle: [],
  verification: [],
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
