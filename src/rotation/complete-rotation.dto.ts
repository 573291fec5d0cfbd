import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { IsBool, IsOmittable } from '../http/validation/decorators';

/** How a rotation is completed. */
@ApiSchema({ name: 'ScimTokenRotationComplete' })
export class CompleteRotationDto {
  @ApiProperty({
    required: false,
    default: false,
    description:
      'Whether the access tokens that the old client secret got end with it, as after a leak; without it they run out.',
    example: true,
  })
  @IsOmittable()
  @IsBool()
  end_access_tokens?: boolean;
}
