import { SETUP_LINK_STATUSES, type SetupLinkStatus } from '../../core/setup-link';
import { TENANT_ID_MAX } from '../../core/tenant-directory';
import { IsInteger, IsOmittable, IsText, IsWord } from '../../http/validation/decorators';
import { PER_PAGE_DEFAULT } from '../../scim-tokens/list/list-cursor';

/** Which page of which links. */
export class ListSetupLinksQueryDto {
  @IsInteger({ min: 1 })
  page = 1;

  @IsInteger({ min: 1, max: 100 })
  per_page = PER_PAGE_DEFAULT;

  @IsOmittable()
  @IsText({ min: 1, max: TENANT_ID_MAX })
  tenant_id?: string;

  @IsOmittable()
  @IsWord(SETUP_LINK_STATUSES)
  status?: SetupLinkStatus;
}
