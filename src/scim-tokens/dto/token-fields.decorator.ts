import { ALLOWED_IPS_MODES, SCIM_SCOPES } from '../../core/token';
import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { ApiProperty } from '../../http/openapi-decorators';
import {
  IsFutureInstant,
  IsInteger,
  IsListOf,
  IsNullable,
  IsOmittable,
  IsRequired,
  IsRequiredTenant,
  IsText,
  IsWithinMaxTtl,
  IsWord,
  IsWordList,
} from '../../http/validation/decorators';
import { readNetwork } from '../../http/validation/read-network';
import { TENANT_ID_MAX } from '../../core/tenant-directory';

/** What a token is called; in a change it may be left out. */
export const NameField = ({ isRequired }: { isRequired: boolean }): PropertyDecorator =>
  field(
    {
      type: String,
      required: isRequired,
      minLength: 1,
      maxLength: 255,
      description: 'What to call the token; duplicates are allowed.',
      example: 'Okta production',
    },
    isRequired ? IsRequired() : IsOmittable(),
    IsText({ min: 1, max: 255 }),
  );

/** What a token is for. */
export const DescriptionField = (): PropertyDecorator =>
  field(
    {
      type: String,
      required: false,
      nullable: true,
      maxLength: 1000,
      description: 'Free text; null for none.',
      example: 'Provisioning of the EMEA workforce',
    },
    IsText({ max: 1000 }),
    IsNullable(),
  );

/** The tenant of a request whose caller's JWT may name it. */
export const TenantIdField = (description: string): PropertyDecorator =>
  field(
    {
      type: String,
      required: false,
      nullable: true,
      minLength: 1,
      maxLength: TENANT_ID_MAX,
      description: `${description} Required, but for a tenant_admin, whose JWT names it; a tenant_admin may send the same one.`,
      example: 'tnt_a',
    },
    IsText({ min: 1, max: TENANT_ID_MAX }),
    IsRequiredTenant(),
  );

/** What a token may do. */
export const ScopesField = (): PropertyDecorator =>
  field(
    {
      enum: SCIM_SCOPES,
      required: false,
      isArray: true,
      minItems: 1,
      description: 'What the token may do on the SCIM routes. All four without a choice.',
      example: ['users:read', 'users:write'],
    },
    IsOmittable(),
    IsWordList(SCIM_SCOPES, { min: 1 }),
  );

/** Where a token may be used from. */
export const AllowedIpsField = (): PropertyDecorator =>
  field(
    {
      type: [String],
      required: false,
      maxItems: 100,
      description:
        'Networks the token may be used from, as CIDR or single addresses; empty: from anywhere.',
      example: ['203.0.113.0/24'],
    },
    IsOmittable(),
    IsListOf(readNetwork, { max: 100 }),
  );

/** What happens to requests from elsewhere. */
export const AllowedIpsModeField = (docs: ApiPropertyOptions = {}): PropertyDecorator =>
  field(
    {
      enum: ALLOWED_IPS_MODES,
      required: false,
      description:
        '`enforce` refuses requests from elsewhere; `report` lets them through and counts them in `ip_report`.',
      ...docs,
    } as ApiPropertyOptions,
    IsOmittable(),
    IsWord(ALLOWED_IPS_MODES),
  );

/** When a new token stops working. */
export const ExpiresAtField = (
  description: string,
  nullable: PropertyDecorator = IsNullable(),
): PropertyDecorator =>
  field(
    { ...EXPIRES_AT, required: false, nullable: true, description },
    IsFutureInstant(),
    IsWithinMaxTtl('expires_in_days'),
    nullable,
  );

/** The same for a token that has an end already; its longest lifetime, and whether it may have none, need the row. */
export const NewExpiresAtField = (description: string): PropertyDecorator =>
  field(
    { ...EXPIRES_AT, required: false, nullable: true, description },
    IsFutureInstant(),
    IsNullable(),
  );

/** A new token's lifetime, in the place of `expires_at`. */
export const ExpiresInDaysField = (): PropertyDecorator =>
  field(
    { ...EXPIRES_IN_DAYS, required: false, nullable: true },
    IsInteger({ min: 1, max: 3650 }),
    IsWithinMaxTtl('expires_at'),
    IsNullable(),
  );

/** The same for a token that has an end already. */
export const NewExpiresInDaysField = (): PropertyDecorator =>
  field({ ...EXPIRES_IN_DAYS, required: false }, IsOmittable(), IsInteger({ min: 1, max: 3650 }));

const EXPIRES_AT = { type: String, format: 'date-time', example: '2027-11-24T09:30:00Z' } as const;

const EXPIRES_IN_DAYS = {
  type: 'integer',
  minimum: 1,
  maximum: 3650,
  description: 'Lifetime in days from now, in the place of `expires_at`.',
} as const;

/** As if they stood above the property in this order: those are called from the last to the first. */
export function field(docs: ApiPropertyOptions, ...rules: PropertyDecorator[]): PropertyDecorator {
  return applyDecorators(...[ApiProperty(docs), ...rules].reverse());
}
