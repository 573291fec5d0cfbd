import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { ScimTokenResponse } from './scim-token.response';

/** One page of tokens. */
@ApiSchema({ name: 'ScimTokenPage' })
export class ScimTokenPageResponse {
  @ApiProperty({ description: 'The tokens of the page.', type: [ScimTokenResponse] })
  items: ScimTokenResponse[];

  @ApiProperty({
    description:
      'Number of tokens on all pages; null where a cursor was sent, and where counting took over 2 seconds.',
    type: 'integer',
    nullable: true,
    example: 1,
  })
  total: number | null;

  @ApiProperty({
    description: 'The page asked for, from 1; null where a cursor was sent.',
    type: 'integer',
    nullable: true,
    example: 1,
  })
  page: number | null;

  @ApiProperty({ description: 'Most tokens on a page.', type: 'integer', example: 20 })
  per_page: number;

  @ApiProperty({
    description: 'Number of pages; null where `total` is.',
    type: 'integer',
    nullable: true,
    example: 1,
  })
  pages: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The next page, for `cursor`; null on the last one.',
  })
  next_cursor: string | null;
}
