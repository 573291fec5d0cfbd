import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import type { TokenRow } from '../core/token';

const TIME = { type: String, format: 'date-time' } as const;

/** Where a rotation stands. */
@ApiSchema({ name: 'ScimTokenRotation' })
export class RotationResponse {
  @ApiProperty({
    ...TIME,
    description: 'When the new secret was made.',
    example: '2026-11-24T09:30:00.000Z',
  })
  started_at: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Last four characters of the old value; null only for imported tokens.',
    example: '1b9Q',
  })
  previous_last_four: string | null;

  @ApiProperty({
    ...TIME,
    description: 'When the old secret ends, if the change-over is not proven before.',
    example: '2026-11-25T09:30:00.000Z',
  })
  previous_expires_at: string;

  @ApiProperty({
    ...TIME,
    nullable: true,
    description: 'Last use of the old secret, at most a minute late; null until used.',
    example: '2026-11-24T12:58:00.000Z',
  })
  previous_last_used_at: string | null;

  @ApiProperty({
    ...TIME,
    nullable: true,
    description: 'First use of the new secret; null until used.',
    example: '2026-11-24T13:02:00.000Z',
  })
  new_first_used_at: string | null;
}

/** Where the rotation stands as of `now`; null where none is under way. */
export function toRotation(
  { rotation, revoked_at }: Pick<TokenRow, 'rotation' | 'revoked_at'>,
  now: Date,
): RotationResponse | null {
  if (!rotation || rotation.previous_expires_at <= now || revoked_at) return null;
  return {
    started_at: rotation.started_at.toISOString(),
    previous_last_four: rotation.previous_last_four,
    previous_expires_at: rotation.previous_expires_at.toISOString(),
    previous_last_used_at: rotation.previous_last_used_at?.toISOString() ?? null,
    new_first_used_at: rotation.new_first_used_at?.toISOString() ?? null,
  };
}
