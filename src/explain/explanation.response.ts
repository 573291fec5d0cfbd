import { FAILURE_HINTS } from '../core/refusal';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';

const TEXT = { type: String, nullable: true } as const;
const COMPARED = { ...TEXT, required: false, example: null } as const;

/** What one check says. */
@ApiSchema({ name: 'ScimTokenCheck' })
export class CheckResponse {
  @ApiProperty({
    description:
      'Of a header `header`, `form`, `checksum`, `lookup`, `proof`, `tenant`, `revoked`, `retired`, `expired`, `enabled`, `network`, `scope`; of an assertion `form`, `lookup`, `iss`, `sub`, `aud`, `tid`, `azp`, `time`, `key`, `signature`, `revoked`, `expired`, `enabled`, `network`, `scope`.',
    example: 'revoked',
  })
  check: string;

  @ApiProperty({ description: 'Whether it lets the request pass.', example: false })
  ok: boolean;

  @ApiProperty({
    ...TEXT,
    description: 'What it was decided by; null where its name says it all.',
    example: null,
  })
  detail: string | null;

  @ApiProperty({
    ...COMPARED,
    description: 'What a claim has to be; null for anything. Of the claims of an assertion alone.',
  })
  expected?: string | null;

  @ApiProperty({
    ...COMPARED,
    description:
      'What it is, cut off after 512 characters; null where it is missing. Of the claims of an assertion alone.',
  })
  came?: string | null;
}

/** What would be said to a request. */
@ApiSchema({ name: 'ScimTokenExplanation' })
export class ExplanationResponse {
  @ApiProperty({ description: 'Whether the request would be accepted.', example: false })
  accepted: boolean;

  @ApiProperty({
    type: [CheckResponse],
    description: 'The checks in their order, up to the one that refuses.',
  })
  decision: CheckResponse[];

  @ApiProperty({
    ...TEXT,
    description: 'Why it would be refused, in a word; null where it would be accepted.',
    example: 'revoked',
  })
  hint: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'What to do about it; null where it would be accepted.',
    example: FAILURE_HINTS.revoked,
  })
  text: string | null;

  @ApiProperty({
    type: ScimTokenResponse,
    nullable: true,
    example: null,
    description: 'The token that it is about, where there is one that the caller may act for.',
  })
  token: ScimTokenResponse | null;
}
