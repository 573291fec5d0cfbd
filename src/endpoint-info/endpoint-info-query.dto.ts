import { IsRequiredTenant, IsText } from '../http/validation';
import { TENANT_ID_MAX } from '../core/tenant-id';

/** Whose endpoint to describe. */
export class EndpointInfoQueryDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}
