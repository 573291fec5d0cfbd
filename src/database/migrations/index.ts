import { CreateScimTokens1764000000000 } from './1764000000000-create-scim-tokens';

/** Every migration of this module, in order. A list, not a glob: it also works inside a host. */
export const SCIM_TOKEN_MIGRATIONS = [CreateScimTokens1764000000000] as const;
