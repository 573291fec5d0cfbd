import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { IsNullable, IsRequired, IsText, rule } from '../../http/validation/decorators';
import { inputContextOf } from '../../http/validation/input-context';

const TEXT = { type: String, minLength: 1, maxLength: 512 } as const;
const IsShort = (): PropertyDecorator => IsText({ min: 1, max: 512 });

const ISSUER = {
  ...TEXT,
  description:
    "The assertions' `iss`, exactly: one of Microsoft Entra ID's, or one that the configuration names.",
  example: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
} as const;
const SUBJECT = {
  ...TEXT,
  description:
    "Their `sub`, exactly: of Entra the object id of the provisioning application's service principal.",
  example: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
} as const;
const AUDIENCE = {
  ...TEXT,
  description:
    'What their `aud` says. An Entra application as `api://<id>/.default`, `api://<id>` or its id stands for all in `accepted_audiences`; any other text for itself.',
  example: 'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/.default',
} as const;
const TENANT_ID = {
  ...TEXT,
  nullable: true,
  description:
    "Their `tid`, exactly; that of an Entra issuer must be the issuer's in any case. Null: no more than that.",
  example: null,
} as const;
const AUTHORIZED_PARTY = {
  ...TEXT,
  nullable: true,
  description: 'Their `azp` or `appid`, exactly; null: anyone.',
  example: null,
} as const;

/** Whose assertions a workload identity proves itself by. */
@ApiSchema({ name: 'ScimTokenTrustInput' })
export class TrustDto {
  @ApiProperty(ISSUER)
  @IsRequired()
  @IsShort()
  @IsTrustedIssuer()
  issuer: string;

  @ApiProperty(SUBJECT)
  @IsRequired()
  @IsShort()
  subject: string;

  @ApiProperty(AUDIENCE)
  @IsRequired()
  @IsShort()
  audience: string;

  @ApiProperty({ ...TENANT_ID, required: false })
  @IsShort()
  @IsNullable()
  tenant_id?: string | null;

  @ApiProperty({ ...AUTHORIZED_PARTY, required: false })
  @IsShort()
  @IsNullable()
  authorized_party?: string | null;
}

/** The same as answers show it, with what follows from it. */
@ApiSchema({ name: 'ScimTokenTrust' })
export class TrustResponse {
  @ApiProperty(ISSUER)
  issuer: string;

  @ApiProperty(SUBJECT)
  subject: string;

  @ApiProperty(AUDIENCE)
  audience: string;

  @ApiProperty(TENANT_ID)
  tenant_id: string | null;

  @ApiProperty(AUTHORIZED_PARTY)
  authorized_party: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      "Where the issuer's keys are read, as the configuration says; null where it no longer trusts the issuer.",
    example:
      'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/discovery/v2.0/keys',
  })
  jwks_uri: string | null;

  @ApiProperty({
    type: [String],
    description: 'Every `aud` that is taken.',
    example: [
      '6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69',
      'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69',
      'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/scim.example.com',
    ],
  })
  accepted_audiences: string[];
}

/** Decides where an issuer's keys may come from: nobody who types one in does. */
function IsTrustedIssuer(): PropertyDecorator {
  return rule('untrusted_issuer', (value, { object }) => {
    const { issuers } = inputContextOf(object);
    return typeof value !== 'string' || (issuers?.jwksUriOf(value) ?? null) !== null;
  });
}
