import { applyDecorators, UseFilters, UseGuards } from '@nestjs/common';
import { AccessGuard, RestOfBodyGuard, ScimTokensJwtGuard } from './admin.guards';
import { SubjectRateGuard } from './auth-limits';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { BodyLimitGuard } from '../http/request-body';
import { ApiBearerAuth, ApiTags } from '../http/openapi-decorators';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.options';

/** Path under which administrators reach the tokens, unless a host says otherwise. */
export const ADMIN_PATH = DEFAULT_EXTRAS.path;

/** Tag of the six operations, as the contract names it. */
export const SCIM_TOKENS_TAG = 'SCIM Tokens';

/** Tag of the operations beyond the contract's six. */
export const LIFECYCLE_TAG = 'SCIM Token Lifecycle';

/** Tag of what checks tokens for other programs. */
export const VERIFICATION_TAG = 'SCIM Token Verification';

/** Tag of the links to the setup page. */
export const SETUP_LINKS_TAG = 'SCIM Setup Links';

/** Tag of what the setup page calls. */
export const SETUP_TAG = 'SCIM Setup';

/** Tag of the token endpoint. */
export const OAUTH_TAG = 'SCIM OAuth';

/**
 * What every controller of the admin API has: who may call, and how errors are answered. On the controller, not on the app, so that a host neither loses nor inherits it.
 *
 * @param tag the endpoint group in the OpenAPI document
 */
export const AdminApi = (tag: string) =>
  applyDecorators(
    UseGuards(BodyLimitGuard, ScimTokensJwtGuard, RestOfBodyGuard, SubjectRateGuard, AccessGuard),
    UseFilters(ApiExceptionFilter),
    ApiTags(tag),
    ApiBearerAuth(),
  );
