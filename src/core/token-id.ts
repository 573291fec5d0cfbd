import { ScimTokenNotFoundError, SetupLinkNotFoundError } from './errors';
import { fromTokenId, idFrom } from './token';

/**
 * The UUID behind an id from a request.
 *
 * @throws ScimTokenNotFoundError for whatever cannot be a token's id
 */
export function uuidOf(id: string): string {
  const uuid = fromTokenId(id);
  if (uuid === null) throw new ScimTokenNotFoundError();
  return uuid;
}

/**
 * The UUID behind a setup link's id from a request.
 *
 * @throws SetupLinkNotFoundError for whatever cannot be a link's id
 */
export function linkUuidOf(id: string): string {
  const uuid = idFrom('sul', id);
  if (uuid === null) throw new SetupLinkNotFoundError();
  return uuid;
}
