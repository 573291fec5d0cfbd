import { ApiParam, ApiQuery, ApiResponse, ApiProperty, ApiSchema } from './openapi-decorators';
import { TENANT_ID_MAX } from '../core/tenant-directory';
import { applyDecorators } from '@nestjs/common';
import type { ApiResponseOptions } from '@nestjs/swagger';

/** A query parameter that may be left out; its title is made of its name, as FastAPI makes it. */
export const query = (name: string, description: string, schema: QuerySchema) => {
  const title = name
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => ` ${letter.toUpperCase()}`)
    .trim();
  return ApiQuery({ name, required: false, description, schema: { ...schema, title } });
};

type QuerySchema = Extract<Parameters<typeof ApiQuery>[0], { schema?: unknown }>['schema'];

/** The query parameter `tenant_id`. */
export const tenantQuery = (description: string) =>
  query('tenant_id', description, {
    type: 'string',
    nullable: true,
    minLength: 1,
    maxLength: TENANT_ID_MAX,
  });

/** A query parameter that takes a point in time. */
export const instantQuery = (name: string, description: string) =>
  query(name, description, { type: 'string', format: 'date-time' });

/** The path parameter `token_id`. */
export const tokenIdParam = () =>
  ApiParam({
    name: 'token_id',
    description: 'The id that create and list answer.',
    schema: { type: 'string', title: 'Token Id' },
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  });

/** The answer to what went well. */
export const success = (status: number, type?: new () => object, headers = {}) =>
  ApiResponse({ status, description: 'Successful Response', headers, ...(type && { type }) });

/** The query parameter `cursor`. */
export const cursorQuery = () =>
  query(
    'cursor',
    'The `next_cursor` of another page: goes on after it. Sent with the same filters.',
    { type: 'string' },
  );

/** The answer to every error but wrong input. */
@ApiSchema({ name: 'ScimTokenError' })
export class ErrorResponse {
  @ApiProperty({ description: 'What is wrong.', example: 'SCIM token not found' })
  detail: string;
}

/** One wrong input, in pydantic's words. */
@ApiSchema({ name: 'ScimTokenValidationError' })
export class ValidationError {
  @ApiProperty({
    title: 'Location',
    type: 'array',
    items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
  })
  loc: (string | number)[];

  @ApiProperty({ title: 'Message' })
  msg: string;

  @ApiProperty({ title: 'Error Type' })
  type: string;
}

/** The answer to wrong input: all that is wrong with it. */
@ApiSchema({ name: 'ScimTokenHTTPValidationError' })
export class HTTPValidationError {
  @ApiProperty({ title: 'Detail', type: [ValidationError], required: false })
  detail?: ValidationError[];
}

const CHALLENGE = {
  'WWW-Authenticate': {
    description: 'The challenge of RFC 6750.',
    schema: { type: 'string' as const },
    example: 'Bearer error="invalid_token"',
  },
};
const RETRY = {
  'Retry-After': {
    description: 'Seconds until it is worth asking again.',
    schema: { type: 'integer' as const },
    example: 2,
  },
};

const ERRORS = {
  400: {
    description: 'The body is not UTF-8 text.',
    details: ['There was an error parsing the body'],
  },
  401: {
    description: 'No admin JWT, or one that is not accepted.',
    details: ['Not authenticated', 'Invalid or expired token'],
    headers: CHALLENGE,
  },
  403: {
    description: 'The caller may not do this, or not for this tenant.',
    details: [
      'Insufficient permissions',
      'Platform token requires admin:read or admin:write scope',
      'Access to this tenant is not allowed',
    ],
  },
  404: {
    description: 'Not there, or not for this caller.',
    details: ['SCIM token not found', 'Tenant not found'],
  },
  409: {
    description: 'The state of things does not allow it.',
    details: ['SCIM token is revoked', 'Tenant already has 20 active SCIM tokens'],
  },
  412: {
    description: '`If-Match` names another version of the token.',
    details: ['SCIM token has been changed'],
  },
  413: { description: 'The body is larger than the limit.', details: ['Request body too large'] },
  415: {
    description: 'The body is compressed, or of a type that the operation does not take.',
    details: ['Unsupported content encoding', 'Unsupported content type'],
  },
  429: {
    description: 'The caller, or its address, asked too often.',
    details: ['Too Many Requests'],
    headers: RETRY,
  },
  503: {
    description: 'The database cannot be had at the moment.',
    details: ['Service temporarily unavailable'],
    headers: RETRY,
  },
} as const;

/** Documents the errors an operation can answer, each with examples. */
export const ApiErrors = (...statuses: (keyof typeof ERRORS)[]) =>
  applyDecorators(
    ApiResponse({ status: 422, description: 'Validation Error', type: HTTPValidationError }),
    ApiErrorsBesidesInput(...statuses),
  );

/** The same for an operation that refuses no input. */
export const ApiErrorsBesidesInput = (...statuses: (keyof typeof ERRORS)[]) =>
  applyDecorators(
    ...statuses.map((status) => {
      const { description, details, ...rest } = ERRORS[status];
      return errorResponse(status, description, details, rest);
    }),
  );

/** Documents the answer to whoever shows no secret of a setup link that works. */
export const ApiRefusedLink = () =>
  errorResponse(
    401,
    'No secret of a setup link, or one that is not accepted, for whatever reason.',
    ['Invalid or expired setup link'],
    { headers: CHALLENGE },
  );

/** Documents what makes a request unreadable where an operation has its own words for it. */
export const ApiBadRequests = (...details: string[]) =>
  errorResponse(400, 'The body does not say what is asked for.', details);

/** Documents what is not there where that is no token. */
export const ApiNotFound = (...details: string[]) =>
  errorResponse(404, ERRORS[404].description, details);

/** Documents the conflicts of an operation that has its own. */
export const ApiConflicts = (...details: string[]) =>
  errorResponse(409, ERRORS[409].description, details);

function errorResponse(
  status: number,
  description: string,
  details: readonly string[],
  rest: Pick<ApiResponseOptions, 'headers'> = {},
) {
  const examples = Object.fromEntries(
    details.map((detail) => [
      detail.toLowerCase().replace(/[^a-z0-9]+/g, '_'),
      { summary: detail, value: { detail } },
    ]),
  );
  return ApiResponse({ status, description, type: ErrorResponse, examples, ...rest });
}
