import { IDENTITY_PROVIDERS } from '../../core/identity-providers';
import { IsInteger, IsNullable, IsWord } from '../../http/validation/decorators';
import { field } from './token-fields.decorator';

const HOURS = { min: 1, max: 8760 } as const;

/** Which identity provider holds a token. */
export const ProviderField = (): PropertyDecorator =>
  field(
    {
      enum: IDENTITY_PROVIDERS,
      required: false,
      nullable: true,
      description:
        'Which identity provider holds it: an id of endpoint-info; null for none that is known.',
      example: 'entra',
    },
    IsWord(IDENTITY_PROVIDERS),
    IsNullable(),
  );

/** How long a token may not be used before that is told. */
export const QuietAfterHoursField = (more: string): PropertyDecorator =>
  field(
    {
      type: 'integer',
      required: false,
      nullable: true,
      minimum: HOURS.min,
      maximum: HOURS.max,
      description: `Hours without a use after which it counts as quiet; null: it never does. ${more}`,
      example: 6,
    },
    IsInteger(HOURS),
    IsNullable(),
  );
