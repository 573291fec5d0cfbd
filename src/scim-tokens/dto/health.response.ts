import { HEALTH_STATES, type HealthState } from '../../core/health';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';

/** How a connection is. */
@ApiSchema({ name: 'ScimTokenHealth' })
export class HealthResponse {
  @ApiProperty({
    enum: HEALTH_STATES,
    description:
      'Never accepted (`unused`), `ok`, refused for 30 minutes and never accepted since (`failing`), not used for longer than `quiet_after_hours` (`quiet`), or revoked, expired or disabled (`ended`).',
    example: 'ok',
  })
  state: HealthState;

  @ApiProperty({
    format: 'date-time',
    description: 'Since when; of failing and quiet, since when that is known.',
    example: '2026-11-24T09:30:00.000Z',
  })
  since: string;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'integer' }],
    nullable: true,
    description:
      "Where it is failing, the last refusal's `hint`, as `recent_failures` of endpoint-info has it; where it is quiet, whole hours since the last use; otherwise null.",
    example: null,
  })
  detail: string | number | null;
}
