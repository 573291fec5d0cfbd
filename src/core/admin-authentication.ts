/** The claims of a verified JWT that say who its bearer is; their types are not checked yet. */
export interface Claims {
  /** Who it is, 1 to 255 characters: `created_by` of tokens, `actor` of events. */
  readonly sub: string;
  /** `super_admin`, `partner_admin` or `tenant_admin`. */
  readonly role?: unknown;
  /** The tenant of a tenant_admin. */
  readonly tenant_id?: unknown;
  /** The partner of a partner_admin. */
  readonly partner_id?: unknown;
  /** Scopes, separated by spaces, such as `admin:read`. */
  readonly scope?: unknown;
  /** True for a program of the platform itself: decides alone, whatever the role. */
  readonly platform_token?: unknown;
}

/**
 * Who an administrator is. A port: a host whose own guard has verified its user already answers with
 * what that guard left on the request.
 */
export abstract class AdminAuthentication {
  /**
   * The claims of whoever sends the request, or null where it comes from nobody. Roles and tenants are
   * worked out from them as from a JWT's.
   *
   * @param request the HTTP request of the host's adapter
   * @throws NotAuthenticatedError, InvalidTokenError for a 401, as every error but a
   *   ServiceUnavailableError, a database's that is away, or an HttpException of 500 and above: those say
   *   that it could not be found out
   */
  abstract authenticate(request: object): Claims | null | Promise<Claims | null>;
}

/** What verifies admin JWTs: a shared secret, one public key, or a JWKS URL. */
export type JwtKeyOptions =
  { readonly secret: string } | { readonly publicKey: string } | { readonly jwksUri: string };

/** How admin JWTs are verified. */
export interface JwtOptions {
  /**
   * `secret`: at least 32 random bytes, HS256; no PEM, no JWK, no placeholder. `publicKey`: PEM of an RSA key of at least 2048 bits, or an
   * EC key on P-256 or P-384. `jwksUri`: https, or http on a loopback host.
   */
  readonly key: JwtKeyOptions;
  /** Narrows the algorithms of the key's family; all of them without it. */
  readonly algorithms?: readonly string[] | undefined;
  /** What `iss` must be; not looked at without it. */
  readonly issuer?: string | undefined;
  /** What `aud` must be or contain; not looked at without it. */
  readonly audience?: string | undefined;
  /** Hours for which the keys of a JWKS URL are taken while it cannot be read, 1 to 168; 24. */
  readonly jwksMaxStaleHours?: number | undefined;
  /**
   * Makes our claims of a verified JWT's, where they are called otherwise; null for a bearer who is
   * nobody here (401). Signature and times are checked before.
   */
  readonly claims?: ((claims: Readonly<Record<string, unknown>>) => Claims | null) | undefined;
}
