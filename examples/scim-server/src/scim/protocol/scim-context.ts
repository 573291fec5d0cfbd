/** For whom a request is answered: first argument from handler to statement. */
export interface ScimContext {
  /** The tenant of the token; every statement is confined to it. */
  readonly tenantId: string;
  /** The tenant's SCIM base URL, without a trailing slash. */
  readonly base: string;
}
