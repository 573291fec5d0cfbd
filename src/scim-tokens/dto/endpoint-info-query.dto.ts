import { IsRequiredTenant, IsText } from '../../common/validation';
import { TENANT_ID_MAX } from '../../tenancy/tenant-id';

/** Whose endpoint to describe. */
export class EndpointInfoQueryDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}
