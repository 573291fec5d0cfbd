import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { SetupConnectionResponse } from './connection.response';

const TEXT = { type: String, nullable: true } as const;

/** What was made: the only answer that holds the value, or the client's secret. */
@ApiSchema({ name: 'ScimSetupTokenMade' })
export class MadeTokenResponse {
  @ApiProperty({ type: SetupConnectionResponse, description: 'As it now is.' })
  connection: SetupConnectionResponse;

  @ApiProperty({
    ...TEXT,
    description: 'The value, for bearer alone. Shown once; it cannot be read again.',
    example: 'scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
  })
  token: string | null;

  @ApiProperty({ ...TEXT, description: 'Null for bearer.', example: null })
  client_id: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'For client_credentials alone. Shown once; it cannot be read again.',
    example: null,
  })
  client_secret: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'Where access tokens are to be had; null for bearer.',
    example: null,
  })
  token_endpoint: string | null;

  @ApiProperty({
    ...TEXT,
    format: 'date-time',
    description: 'When it stops working; null: never.',
    example: '2027-11-24T09:30:00.000Z',
  })
  expires_at: string | null;
}
