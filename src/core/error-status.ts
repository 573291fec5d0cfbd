/** The one place that gives errors their HTTP status; an error whose code is missing does not compile. */
const ERROR_STATUS = {
  body_not_parsable: 400,
  body_lost: 400,
  token_parameter: 400,
  not_authenticated: 401,
  invalid_token: 401,
  insufficient_permissions: 403,
  platform_scope_required: 403,
  tenant_not_allowed: 403,
  tenant_not_found: 404,
  scim_token_not_found: 404,
  method_not_allowed: 405,
  scim_token_revoked: 409,
  too_many_active_tokens: 409,
  rotation_under_way: 409,
  no_rotation: 409,
  secret_ended: 409,
  token_changed: 412,
  body_too_large: 413,
  unsupported_encoding: 415,
  unsupported_content_type: 415,
  too_many_requests: 429,
  service_unavailable: 503,
} as const;

/** Stable name of an error's kind. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The HTTP status that an error is answered with. */
export function statusOf({ code }: { readonly code: ErrorCode }): number {
  return ERROR_STATUS[code];
}
