import type { JwtOptions } from '../auth/jwt.options';
import type { ScimCapabilities } from './endpoint-info/endpoint-info';

/** Options of the SCIM tokens module, checked and complete. */
export abstract class ResolvedScimTokensOptions {
  /** Base URL of a tenant's SCIM routes; `{tenant_id}` stands for the percent-encoded tenant. */
  abstract readonly baseUrlTemplate: string;
  /** What endpoint-info announces, RFC 7643 §5. */
  abstract readonly capabilities: ScimCapabilities;
  /** Start of new values: 2 to 16 of a-z 0-9, starting with a letter. */
  abstract readonly prefix: string;
  /** Lifetime in days of a token created without an expiry. RFC 7644 §7.4 asks for a limited one. */
  abstract readonly defaultTtlDays: number;
  /** Longest lifetime in days, counted from the current secret's creation. */
  abstract readonly maxTtlDays: number;
  /** Most tokens of a tenant that are neither revoked nor expired. */
  abstract readonly maxActivePerTenant: number;
  /** bcrypt's cost, 10 to 14. */
  abstract readonly bcryptCost: number;
  /** Key of the MAC beside the bcrypt hash, at least 32 bytes; null for none. */
  abstract readonly pepper: string | null;
  /** How admin JWTs are verified. */
  abstract readonly jwt: JwtOptions;
  /** Requests a minute per JWT subject, and failed authentications a minute per address; 0 for no limit. */
  abstract readonly rateLimitPerMinute: number;
}
