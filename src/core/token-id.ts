import { ScimTokenNotFoundError } from './errors';
import { fromTokenId } from './token';

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
