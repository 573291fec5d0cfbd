/** Where identity providers find the token endpoint, and what it is described by. */
export interface TokenEndpointLocation {
  /** Issuer of access tokens, RFC 8414 §2. */
  readonly issuer: string;
  readonly token_endpoint: string;
  /** The metadata document, RFC 8414 §3. */
  readonly metadata: string;
}

/** What the URLs are made of. */
export interface TokenEndpointParts {
  /** Whether the application has a token endpoint. */
  readonly isServed: boolean;
  /** URL under which clients reach the application; null for the origin of the SCIM routes. */
  readonly publicUrl: string | null;
  readonly baseUrlTemplate: string;
  /** Path of what is no administrator's, without slashes around it. */
  readonly publicPath: string;
  /** The application's own prefix, which is set after the module is wired. */
  readonly globalPrefix: () => string;
}

/** The token endpoint's URLs, from configuration alone: a request's Host says nothing here. */
export class TokenEndpointUrls {
  constructor(private readonly parts: TokenEndpointParts) {}

  /** Whether there is one at all: connections by OAuth are on, and the controller is mounted. */
  get isServed(): boolean {
    return this.parts.isServed;
  }

  /** @param baseUrl of the tenant's SCIM routes, which may be on a host of its own */
  of(baseUrl: string = this.parts.baseUrlTemplate): TokenEndpointLocation {
    const { publicUrl, publicPath, globalPrefix } = this.parts;
    const issuer = publicUrl ?? /^\w+:\/\/[^/]*/.exec(baseUrl)?.[0] ?? '';
    const path = [...globalPrefix().split('/'), publicPath, 'oauth/token'].filter(Boolean);
    return {
      issuer,
      token_endpoint: [issuer, ...path].join('/'),
      metadata: `${issuer}/.well-known/oauth-authorization-server`,
    };
  }
}
