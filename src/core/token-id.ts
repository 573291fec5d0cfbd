import { ScimTokenNotFoundError } from './errors';

const TOKEN_ID = /^sct_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** A token's UUID as the API shows it: `sct_` and 32 hex digits. */
export function toTokenId(uuid: string): string {
  return `sct_${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${uuid.slice(19, 23)}${uuid.slice(24)}`;
}

/** An audit event's UUID as the API shows it: `evt_` and 32 hex digits. */
export function toEventId(uuid: string): string {
  return `evt_${uuid.replaceAll('-', '')}`;
}

/** The UUID behind an id from a request, or null for whatever cannot be one. */
export function fromTokenId(id: string): string | null {
  const parts = TOKEN_ID.exec(id);
  return parts ? parts.slice(1).join('-') : null;
}

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
