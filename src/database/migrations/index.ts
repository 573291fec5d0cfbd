import { CreateScimTokens1764340000000 } from './1764340000000-create-scim-tokens';
import { AddOAuthConnections1764400000000 } from './1764400000000-add-oauth-connections';
import { AddSetupLinks1764500000000 } from './1764500000000-add-setup-links';
import { AddConnectionHealth1764600000000 } from './1764600000000-add-connection-health';

/** Every migration of this module, in order. A list, not a glob: it also works inside a host. */
export const SCIM_TOKEN_MIGRATIONS = [
  CreateScimTokens1764340000000,
  AddOAuthConnections1764400000000,
  AddSetupLinks1764500000000,
  AddConnectionHealth1764600000000,
] as const;
