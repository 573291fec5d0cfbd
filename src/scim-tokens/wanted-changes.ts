import { daysAfter } from '../core/time';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import type { TokenChanges } from '../core/token-row';

/** The columns that an administrator's change names, with what they are to become. */
export function wantedChanges(input: Readonly<UpdateScimTokenDto>, now: Date): TokenChanges {
  const { name, description, scopes, allowed_ips, allowed_ips_mode, enabled } = input;
  const { expires_in_days } = input;
  const expires_at =
    expires_in_days === undefined ? input.expires_at : daysAfter(now, expires_in_days);
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(scopes !== undefined && { scopes: [...scopes] }),
    ...(allowed_ips !== undefined && { allowed_ips: [...allowed_ips] }),
    ...(allowed_ips_mode !== undefined && { allowed_ips_mode }),
    ...(enabled !== undefined && { enabled }),
    ...(expires_at && { expires_at }),
  };
}
