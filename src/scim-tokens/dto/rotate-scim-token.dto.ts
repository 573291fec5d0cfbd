import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { IsInteger, IsNullable, IsOmittable } from '../../http/validation/decorators';

/** Longest overlap of a rotation, in hours: a week. */
export const OVERLAP_MAX_HOURS = 168;
/** Overlap where none is asked for, in hours. */
export const OVERLAP_DEFAULT_HOURS = 24;

/** How a token is rotated. */
@ApiSchema({ name: 'ScimTokenRotate' })
export class RotateScimTokenDto {
  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 0,
    maximum: OVERLAP_MAX_HOURS,
    default: OVERLAP_DEFAULT_HOURS,
    description:
      'Hours for which the old secret goes on working beside the new one; 0 ends it at once.',
    example: 24,
  })
  @IsOmittable()
  @IsInteger({ min: 0, max: OVERLAP_MAX_HOURS })
  overlap_hours?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    nullable: true,
    minimum: 1,
    maximum: 3650,
    description: 'Lifetime of the token in days from now; the default lifetime without it.',
  })
  @IsInteger({ min: 1, max: 3650 })
  @IsNullable()
  expires_in_days?: number | null;
}
