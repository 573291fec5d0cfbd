import { CreateScimTokens1764000000000 } from './1764000000000-create-scim-tokens';
import { IndexTokenLists1764010000000 } from './1764010000000-index-token-lists';
import { CreateAuthFailures1764015000000 } from './1764015000000-create-auth-failures';
import { CreateOutbox1764020000000 } from './1764020000000-create-outbox';
import { AuditCheckpoints1764030000000 } from './1764030000000-audit-checkpoints';
import { IndexImports1764031000000 } from './1764031000000-index-imports';
import { AddRotation1764035000000 } from './1764035000000-add-rotation';
import { RememberRotations1764037000000 } from './1764037000000-remember-rotations';
import { TellSecretsApart1764041000000 } from './1764041000000-tell-secrets-apart';

/** Every migration of this module, in order. A list, not a glob: it also works inside a host. */
export const SCIM_TOKEN_MIGRATIONS = [
  CreateScimTokens1764000000000,
  IndexTokenLists1764010000000,
  CreateAuthFailures1764015000000,
  CreateOutbox1764020000000,
  AuditCheckpoints1764030000000,
  IndexImports1764031000000,
  AddRotation1764035000000,
  RememberRotations1764037000000,
  TellSecretsApart1764041000000,
] as const;
