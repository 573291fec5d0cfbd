import { HEALTH_STATES, type HealthState } from '../../core/health';
import { AUTH_METHODS, TOKEN_STATUSES, type AuthMethod, type TokenStatus } from '../../core/token';
import {
  IsInstant,
  IsInteger,
  IsOmittable,
  IsRequiredTenantWith,
  IsText,
  IsWord,
  Read,
} from '../../http/validation/decorators';
import { TENANT_ID_MAX } from '../../core/tenant-directory';
import {
  PER_PAGE_DEFAULT,
  readListCursor,
  TOKEN_SORTS,
  type ListCursor,
  type TokenSort,
} from '../list/list-cursor';

/** Which page of which tokens. */
export class ListScimTokensQueryDto {
  @IsInteger({ min: 1 })
  page = 1;

  @IsInteger({ min: 1, max: 100 })
  per_page = PER_PAGE_DEFAULT;

  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenantWith('q')
  tenant_id?: string;

  @IsOmittable()
  @IsWord(TOKEN_STATUSES)
  status?: TokenStatus;

  @IsOmittable()
  @IsText({ min: 1, max: 255 })
  q?: string;

  @IsOmittable()
  @IsWord(TOKEN_SORTS)
  sort?: TokenSort;

  @IsOmittable()
  @IsInstant()
  expires_before?: Date;

  @IsOmittable()
  @IsInstant()
  expires_after?: Date;

  @IsOmittable()
  @IsInstant()
  unused_since?: Date;

  @IsOmittable()
  @IsText({ min: 1, max: 255 })
  created_by?: string;

  @IsOmittable()
  @IsWord(AUTH_METHODS)
  auth_method?: AuthMethod;

  @IsOmittable()
  @IsWord(HEALTH_STATES)
  health?: HealthState;

  @IsOmittable()
  @Read(readListCursor)
  cursor?: ListCursor;
}
