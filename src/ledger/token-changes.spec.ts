import { UpdateScimTokenDto } from '../scim-tokens/dto/update-scim-token.dto';
import { AUDITED } from './token-changes';

it('The audit trail tells of every field that an administrator may change', () => {
  const listed: unknown = Reflect.getMetadata(
    'swagger/apiModelPropertiesArray',
    UpdateScimTokenDto.prototype,
  );
  const fields = (listed as string[]).map((name) => name.slice(1));
  expect(fields).toContain('name');
  // Another way to say `expires_at`.
  const wanted = fields.filter((field) => field !== 'expires_in_days');
  expect(wanted.filter((field) => !(AUDITED as readonly string[]).includes(field))).toEqual([]);
});
