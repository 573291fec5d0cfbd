import { FAILURE_HINTS } from '../core/refusal';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { IsAnyText, IsRequired } from '../http/validation/decorators';

/** What the console of an identity provider shows of its requests. */
@ApiSchema({ name: 'ScimSetupExplain' })
export class SetupExplainDto {
  @ApiProperty({
    description:
      'The header `Authorization` as the console shows it: its content, the whole line, or the value alone. Never kept, logged or answered.',
    example: 'Bearer scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
  })
  @IsRequired()
  @IsAnyText()
  authorization: string;
}

/** What would be said to a header, wherever it comes from. */
@ApiSchema({ name: 'ScimSetupExplanation' })
export class SetupExplanationResponse {
  @ApiProperty({ description: 'Whether the header would be accepted.', example: false })
  accepted: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it would be refused, in a word; null where it would be accepted.',
    example: 'revoked',
  })
  hint: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: "What is wrong and what to change, in the answer's language; null likewise.",
    example: FAILURE_HINTS.revoked,
  })
  text: string | null;
}
