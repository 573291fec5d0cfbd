import { ApiParam, ApiQuery, ApiResponse } from './openapi-decorators';
import { TENANT_ID_MAX } from '../core/tenant-id';

/** The query parameter `tenant_id`. */
export const tenantQuery = (description: string) =>
  ApiQuery({
    name: 'tenant_id',
    required: false,
    description,
    schema: {
      type: 'string',
      nullable: true,
      title: 'Tenant Id',
      minLength: 1,
      maxLength: TENANT_ID_MAX,
    },
  });

/** A query parameter that takes a point in time. */
export const instantQuery = (name: string, description: string) =>
  ApiQuery({
    name,
    required: false,
    description,
    schema: { type: 'string', format: 'date-time', title: titleOf(name) },
  });

/** A parameter's title as FastAPI makes it of its name. */
function titleOf(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim();
}

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
  ApiQuery({
    name: 'cursor',
    required: false,
    description: 'The `next_cursor` of another page: goes on after it. Sent with the same filters.',
    schema: { type: 'string', title: 'Cursor' },
  });
