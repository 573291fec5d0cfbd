import { TokenEndpointUrls, type TokenEndpointParts } from './token-endpoint-urls';

function urls(parts: Partial<TokenEndpointParts> = {}): TokenEndpointUrls {
  return new TokenEndpointUrls({
    isServed: true,
    publicUrl: null,
    baseUrlTemplate: 'https://app.example.com/tenants/{tenant_id}/scim/v2',
    publicPath: 'api/v1/scim-tokens',
    globalPrefix: () => '',
    ...parts,
  });
}

describe('The URLs of the token endpoint', () => {
  it('begin with the origin of the SCIM routes where nothing else is said', () => {
    expect(urls().of()).toEqual({
      issuer: 'https://app.example.com',
      token_endpoint: 'https://app.example.com/api/v1/scim-tokens/oauth/token',
      metadata: 'https://app.example.com/.well-known/oauth-authorization-server',
    });
    expect(urls().of('https://acme.example.com:8443/scim/v2').issuer).toBe(
      'https://acme.example.com:8443',
    );
  });

  it('begin with the public URL where there is one, whatever the SCIM routes are below', () => {
    const { issuer, token_endpoint, metadata } = urls({
      publicUrl: 'https://scim.example.com/tokens',
    }).of('https://acme.example.com/scim/v2');
    expect([issuer, token_endpoint, metadata]).toEqual([
      'https://scim.example.com/tokens',
      'https://scim.example.com/tokens/api/v1/scim-tokens/oauth/token',
      'https://scim.example.com/tokens/.well-known/oauth-authorization-server',
    ]);
  });

  it.each(['api', '/api', '/api/'])('have the global prefix %s in between', (prefix) => {
    const { issuer, token_endpoint } = urls({
      publicPath: 'v1/scim-tokens',
      globalPrefix: () => prefix,
    }).of();
    expect([issuer, token_endpoint]).toEqual([
      'https://app.example.com',
      'https://app.example.com/api/v1/scim-tokens/oauth/token',
    ]);
  });
});
