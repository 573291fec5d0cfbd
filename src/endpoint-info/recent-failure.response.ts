import { FAILURE_HINTS, type PresentedClaims } from '../core/refusal';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';

const CLAIM = { type: String, nullable: true } as const;

/** What an assertion said whose signature is good, to be held against the token's `trust`. */
@ApiSchema({ name: 'ScimTokenPresentedClaims' })
export class PresentedClaimsResponse implements PresentedClaims {
  @ApiProperty({
    ...CLAIM,
    description: 'Who signed it.',
    example: 'https://login.microsoftonline.com/5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70/v2.0',
  })
  iss: string | null;

  @ApiProperty({
    ...CLAIM,
    description: 'Whom it is about.',
    example: '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24',
  })
  sub: string | null;

  @ApiProperty({
    ...CLAIM,
    description: 'For whom it is; several as a JSON list.',
    example: 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43',
  })
  aud: string | null;

  @ApiProperty({
    ...CLAIM,
    description: 'The tenant at the issuer.',
    example: '5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70',
  })
  tid: string | null;

  @ApiProperty({
    ...CLAIM,
    description: 'The application that asked for it: `azp`, or else `appid`.',
    example: 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43',
  })
  azp: string | null;
}

/** One kind of failed request at a tenant's SCIM routes or the token endpoint in the last 24 hours. */
@ApiSchema({ name: 'ScimTokenRecentFailure' })
export class RecentFailureResponse {
  @ApiProperty({ description: 'Why the value was refused.', example: 'malformed' })
  reason: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What usually causes it.',
    example: FAILURE_HINTS.quoted,
  })
  hint: string | null;

  @ApiProperty({ type: 'integer', description: 'How often.', example: 3 })
  count: number;

  @ApiProperty({
    format: 'date-time',
    description: 'When last.',
    example: '2026-11-24T09:30:00.000Z',
  })
  last_at: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'From where last.',
    example: '203.0.113.7',
  })
  last_ip: string | null;

  @ApiProperty({
    type: () => PresentedClaimsResponse,
    required: false,
    description:
      'What the last assertion among them said whose signature is good; left out where there was none. Each claim is cut off after 512 characters.',
  })
  claims?: PresentedClaimsResponse;
}
