import { SCIM_SCOPES, type ScimScope } from '../core/token';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import {
  IsAddress,
  IsAnyText,
  IsNullable,
  IsOmittable,
  IsRequiredWhere,
  IsText,
  IsWordList,
  rule,
} from '../http/validation/decorators';
import { NotBoth } from '../http/validation/dto-structure';
import { inputContextOf } from '../http/validation/input-context';
import { ASSERTION_MAX } from '../oauth/assertions/assertion';
import { field, TenantIdField } from '../scim-tokens/dto/token-fields.decorator';

/** A request that is not made: what would be said to it is asked. */
@ApiSchema({ name: 'ScimTokenExplain' })
@NotBoth('authorization', 'client_assertion')
export class ExplainDto {
  @field(
    {
      type: String,
      required: false,
      nullable: true,
      description:
        'The whole header `Authorization` that the identity provider sends or shows; empty for a request without one. Never kept, logged or answered. Required unless there is a `client_assertion`.',
      example: 'Bearer scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
    },
    IsAnyText(),
    IsRequiredWhere((dto) => !(dto as ExplainDto).client_assertion),
  )
  authorization?: string | null;

  @field(
    {
      type: String,
      required: false,
      nullable: true,
      minLength: 1,
      maxLength: ASSERTION_MAX,
      description:
        "In its place an assertion as it is sent to the token endpoint: it is held against the tenant's workload identities. No access token is made.",
    },
    rule('oauth_off', (_, { object }) => inputContextOf(object).issuers !== null),
    IsText({ min: 1, max: ASSERTION_MAX }),
    IsNullable(),
  )
  client_assertion?: string | null;

  @TenantIdField('The tenant whose SCIM routes, or connections, the request is for.')
  tenant_id?: string | null;

  @ApiProperty({
    required: false,
    description:
      'The address that the request comes from, also with port, brackets or zone. Without it a token with `allowed_ips` is refused.',
    example: '203.0.113.7',
  })
  @IsOmittable()
  @IsAddress()
  ip?: string;

  @ApiProperty({
    enum: SCIM_SCOPES,
    required: false,
    isArray: true,
    description:
      'Scopes that the request needs; of an assertion those that are asked for, all that the token has without them.',
    example: ['users:read'],
  })
  @IsOmittable()
  @IsWordList(SCIM_SCOPES, {})
  scopes?: ScimScope[];

  @ApiProperty({
    required: false,
    description: 'The user agent of the request: taken, though no check looks at it.',
    example: 'Okta SCIM Client 1.0.0',
  })
  @IsOmittable()
  @IsText({ max: Infinity })
  user_agent?: string;
}
