import type { IdentityProviderId } from '../core/identity-providers';
import type { ScimScope } from '../core/token';
import { readText, Rejected } from '../http/validation/read-values';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import {
  IsListOf,
  IsNullable,
  IsRequired,
  IsRequiredTenant,
  IsText,
  Read,
} from '../http/validation/decorators';
import { NotBoth } from '../http/validation/dto-structure';
import { ValidationError } from '../http/operation.docs';
import { TENANT_ID_MAX } from '../core/tenant-directory';
import { ProviderField, QuietAfterHoursField } from '../scim-tokens/dto/health-fields.decorator';
import {
  AllowedIpsField,
  DescriptionField,
  ExpiresAtField,
  ExpiresInDaysField,
  NameField,
  ScopesField,
} from '../scim-tokens/dto/token-fields.decorator';

/** Most tokens of one import. */
export const IMPORT_MAX = 1000;

/** A token that was minted elsewhere. */
@ApiSchema({ name: 'ScimTokenImportRow' })
@NotBoth('expires_at', 'expires_in_days')
export class ImportRowDto {
  @ApiProperty({
    type: String,
    pattern: '^[0-9a-fA-F]{64}$',
    description:
      'SHA-256 of the value, in hex. The value has 16 to 512 printable ASCII characters and as much randomness as a key.',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  @IsRequired()
  @Read(readSha256)
  sha256: string;

  @NameField({ isRequired: true })
  name: string;

  @DescriptionField()
  description?: string | null;

  @ScopesField()
  scopes?: ScimScope[];

  @AllowedIpsField()
  allowed_ips?: string[];

  @ExpiresAtField(
    'When it stops working, as in a create; with neither this nor `expires_in_days` the default lifetime.',
  )
  expires_at?: Date | null;

  @ExpiresInDaysField()
  expires_in_days?: number | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    maxLength: 64,
    description: 'What may be shown of the start of the value.',
    example: 'legacy_7Hd',
  })
  @IsText({ min: 1, max: 64 })
  @IsNullable()
  token_prefix?: string | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    maxLength: 4,
    description: 'Last four characters of the value.',
    example: '1b9Q',
  })
  @IsText({ min: 1, max: 4 })
  @IsNullable()
  last_four?: string | null;

  @ProviderField()
  provider?: IdentityProviderId | null;

  @QuietAfterHoursField('Without a choice 6 for entra, null for the others.')
  quiet_after_hours?: number | null;
}

/** Tokens to take over from elsewhere. */
@ApiSchema({ name: 'ScimTokenImport' })
export class ImportScimTokensDto {
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: TENANT_ID_MAX,
    description: 'The tenant the tokens are for.',
    example: 'tnt_a',
  })
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string | null;

  @ApiProperty({
    type: [ImportRowDto],
    minItems: 1,
    maxItems: IMPORT_MAX,
    description: 'The tokens. Each is judged by itself.',
  })
  @IsRequired()
  @IsListOf((row) => row, { min: 1, max: IMPORT_MAX })
  tokens: unknown[];
}

/** What became of one row. */
@ApiSchema({ name: 'ScimTokenImportResult' })
export class ImportResultResponse {
  @ApiProperty({ type: 'integer', description: 'Position of the row, from 0.', example: 0 })
  index: number;

  @ApiProperty({
    required: false,
    description: "The new token's id, where the row was imported.",
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  id?: string;

  @ApiProperty({
    required: false,
    type: [ValidationError],
    description: 'All that is wrong with the row, where it was not.',
  })
  errors?: ValidationError[];
}

/** What became of an import. */
@ApiSchema({ name: 'ScimTokenImported' })
export class ImportResponse {
  @ApiProperty({ type: 'integer', description: 'Rows that are tokens now.', example: 1 })
  imported: number;

  @ApiProperty({ type: 'integer', description: 'Rows that are not.', example: 0 })
  failed: number;

  @ApiProperty({
    type: [ImportResultResponse],
    description: 'One entry a row, in the order of the rows. Never holds a digest.',
  })
  results: ImportResultResponse[];
}

function readSha256(input: unknown): string | Rejected {
  const text = readText(input);
  if (text instanceof Rejected) return text;
  return /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : new Rejected('not_sha256');
}
