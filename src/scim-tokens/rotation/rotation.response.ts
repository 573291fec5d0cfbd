import { ApiProperty, ApiSchema } from '@nestjs/swagger';

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

/** The columns behind a {@link RotationResponse}; those of the old secret are null where there is none. */
export interface RotationRow {
  readonly previous_last_four: string | null;
  readonly previous_expires_at: Date | null;
  readonly previous_last_used_at: Date | null;
  /** Of the new secret, read for tokens under rotation alone. */
  readonly rotation_started_at?: Date;
  readonly new_first_used_at?: Date | null;
}

/** The columns of a token that is not being rotated. */
export const NO_ROTATION: RotationRow = Object.freeze({
  previous_last_four: null,
  previous_expires_at: null,
  previous_last_used_at: null,
});

/** Where the rotation stands as of `now`; null where none is under way. */
export function toRotation(
  row: RotationRow & { readonly revoked_at: Date | null },
  now: Date,
): RotationResponse | null {
  const { rotation_started_at: startedAt, previous_expires_at: endsAt } = row;
  if (!startedAt || !endsAt || endsAt <= now || row.revoked_at) return null;
  return {
    started_at: startedAt.toISOString(),
    previous_last_four: row.previous_last_four,
    previous_expires_at: endsAt.toISOString(),
    previous_last_used_at: row.previous_last_used_at?.toISOString() ?? null,
    new_first_used_at: row.new_first_used_at?.toISOString() ?? null,
  };
}
