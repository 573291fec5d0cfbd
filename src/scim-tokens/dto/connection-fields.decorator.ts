import type { ApiPropertyOptions } from '@nestjs/swagger';
import { AUTH_METHODS } from '../../core/token';
import {
  IsInteger,
  IsNullable,
  IsOmittable,
  IsRequiredWhere,
  IsWord,
  rule,
} from '../../http/validation/decorators';
import { HasMembers } from '../../http/validation/dto-structure';
import { inputContextOf } from '../../http/validation/input-context';
import { field } from './token-fields.decorator';
import { TrustDto } from './trust.dto';

/** Seconds that an access token lives where nothing else is said. */
export const ACCESS_TOKEN_TTL_SECONDS = 3600;

const TTL = {
  type: 'integer',
  required: false,
  minimum: 3600,
  maximum: 21_600,
  description: 'Seconds that an access token lives; for bearer there are none.',
} as const satisfies ApiPropertyOptions;
const IsTtl = (): PropertyDecorator => IsInteger({ min: TTL.minimum, max: TTL.maximum });

const TRUST = {
  type: TrustDto,
  required: false,
  description: 'Whose assertions a workload identity proves itself by; for that alone.',
} as const satisfies ApiPropertyOptions;

/** How whoever holds a new token proves itself. */
export const AuthMethodField = (): PropertyDecorator =>
  field(
    {
      enum: AUTH_METHODS,
      required: false,
      default: 'bearer',
      description:
        'How the identity provider proves itself: by the value; by a client secret of ours, or an assertion of its own, at the token endpoint, where it gets access tokens for it. Never changed.',
    },
    IsOmittable(),
    IsWord(AUTH_METHODS),
    rule(
      'oauth_off',
      (value, { object }) => !isOAuth(value) || inputContextOf(object).issuers !== null,
    ),
  );

/** How long a new token's access tokens live. */
export const AccessTokenTtlField = (): PropertyDecorator =>
  field(
    { ...TTL, nullable: true, default: ACCESS_TOKEN_TTL_SECONDS },
    rule('not_bearer', (_, { object }) => methodOf(object) !== 'bearer'),
    IsTtl(),
    IsNullable(),
  );

/** The same for a token that is there; whether it has access tokens needs the row. */
export const NewAccessTokenTtlField = (): PropertyDecorator => field(TTL, IsOmittable(), IsTtl());

/** Whom a new token trusts: a workload identity must say. Null counts as not said. */
export const TrustField = (): PropertyDecorator =>
  field(
    { ...TRUST, nullable: true },
    rule('only_workload_identity', (_, { object }) => !mayNotTrust(methodOf(object))),
    HasMembers(TrustDto),
    IsRequiredWhere((dto) => methodOf(dto) === 'workload_identity'),
  );

/** The same for a token that is there, replaced whole; whether it takes one needs the row. */
export const NewTrustField = (): PropertyDecorator =>
  field(TRUST, IsOmittable(), HasMembers(TrustDto));

/** As the input says it, which need not be a method at all. */
function methodOf(dto: { readonly auth_method?: unknown }): unknown {
  return dto.auth_method === undefined ? 'bearer' : dto.auth_method;
}

function isOAuth(method: unknown): boolean {
  return method === 'client_credentials' || method === 'workload_identity';
}

function mayNotTrust(method: unknown): boolean {
  return method === 'bearer' || method === 'client_credentials';
}
