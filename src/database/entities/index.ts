import { ScimTokenAccessToken } from './scim-token-access-token.entity';
import { ScimTokenAuthFailure } from './scim-token-auth-failure.entity';
import { ScimTokenAuditEntry } from './scim-token-audit-entry.entity';
import { ScimTokenOutbox } from './scim-token-outbox.entity';
import { ScimTokenScan } from './scim-token-scan.entity';
import { ScimTokenSecret } from './scim-token-secret.entity';
import { ScimTokenSetupFailure } from './scim-token-setup-failure.entity';
import { ScimTokenSetupLink } from './scim-token-setup-link.entity';
import { ScimTokenTenant } from './scim-token-tenant.entity';
import { ScimTokenUsage } from './scim-token-usage.entity';
import { ScimToken } from './scim-token.entity';

export {
  ScimToken,
  ScimTokenAccessToken,
  ScimTokenAuthFailure,
  ScimTokenAuditEntry,
  ScimTokenOutbox,
  ScimTokenScan,
  ScimTokenSecret,
  ScimTokenSetupFailure,
  ScimTokenSetupLink,
  ScimTokenTenant,
  ScimTokenUsage,
};

/** Every entity of this module, for the `entities` of a TypeORM data source. */
export const SCIM_TOKEN_ENTITIES = [
  ScimToken,
  ScimTokenSecret,
  ScimTokenAccessToken,
  ScimTokenTenant,
  ScimTokenAuditEntry,
  ScimTokenUsage,
  ScimTokenOutbox,
  ScimTokenAuthFailure,
  ScimTokenSetupLink,
  ScimTokenScan,
  ScimTokenSetupFailure,
] as const;
