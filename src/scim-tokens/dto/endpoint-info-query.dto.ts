import { IsRequiredTenant, IsText } from '../../common/validation';
import { TENANT_ID_MAX } from '../../tenancy/tenant-id';

/** Whose endpoint to describe. */
export class EndpointInfoQueryDto {
  @IsRequiredTenant()
  @IsText({ min: 1, max: TENANT_ID_MAX })
  tenant_id?: string;
}
