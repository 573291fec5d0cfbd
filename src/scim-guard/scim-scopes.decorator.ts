import { applyDecorators, SetMetadata, UseFilters } from '@nestjs/common';
import type { ScimScope } from '../core/scim-token.constants';
import { ScimRouteErrorFilter } from './scim-route-error.filter';

/** Metadata key under which a route says which scopes it needs. */
export const REQUIRED_SCOPES = 'scim-tokens:required-scopes';

/**
 * Says which scopes a route under {@link ScimTokenGuard} needs: all of them; none means that any token
 * of the tenant may pass. For a handler or a whole controller; the handler's counts. It also brings the
 * filter that answers refused requests as RFC 7644 §3.12 has it, whatever filters the app has.
 *
 * @example `@RequireScimScopes('users:write')`
 */
export const RequireScimScopes = (...scopes: ScimScope[]) =>
  applyDecorators(SetMetadata(REQUIRED_SCOPES, scopes), UseFilters(ScimRouteErrorFilter));
