import type { ScimScope } from './token';

/** What a token that a setup link makes gets; null where a new token's default holds. */
export interface SetupLinkBounds {
  readonly name: string | null;
  readonly scopes: readonly ScimScope[] | null;
  readonly allowed_ips: readonly string[] | null;
  readonly expires_in_days: number | null;
}
