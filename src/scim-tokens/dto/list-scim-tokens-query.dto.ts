import { IsInteger, IsOmittable, IsText, IsWord } from '../../common/validation';
import { TENANT_ID_MAX } from '../../tenancy/tenant-id';
import { TOKEN_STATUSES, type TokenStatus } from '../scim-token.constants';

/** Which page of which tokens. */
export class ListScimTokensQueryDto {
  @IsInteger({ min: 1 })
  page = 1;

  @IsInteger({ min: 1, max: 100 })
  per_page = 20;

  @IsOmittable()
  @IsText({ min: 1, max: TENANT_ID_MAX })
  tenant_id?: string;

  @IsOmittable()
  @IsWord(TOKEN_STATUSES)
  status?: TokenStatus;
}
