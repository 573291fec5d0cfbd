/** What a token may do on the SCIM routes; a token made without a choice may do all. */
export const SCIM_SCOPES = ['users:read', 'users:write', 'groups:read', 'groups:write'] as const;

/** One of {@link SCIM_SCOPES}. */
export type ScimScope = (typeof SCIM_SCOPES)[number];

/** What the allowed networks do: refuse others' requests, or only count what would have been refused. */
export const ALLOWED_IPS_MODES = ['enforce', 'report'] as const;

/** One of {@link ALLOWED_IPS_MODES}. */
export type AllowedIpsMode = (typeof ALLOWED_IPS_MODES)[number];

/** Whether a text is one of {@link SCIM_SCOPES}. */
export function isScimScope(text: string): text is ScimScope {
  return (SCIM_SCOPES as readonly string[]).includes(text);
}

/** The states of a token, as derived from its row and the time. */
export const TOKEN_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;

/** One of {@link TOKEN_STATUSES}. */
export type TokenStatus = (typeof TOKEN_STATUSES)[number];
