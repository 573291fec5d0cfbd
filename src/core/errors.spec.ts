import {
  ApiError,
  AuthUnavailableError,
  BodyLostError,
  BodyNotParsableError,
  BodyTooLargeError,
  InsufficientPermissionsError,
  InvalidTokenError,
  MethodNotAllowedError,
  NotAuthenticatedError,
  PlatformScopeRequiredError,
  ServiceUnavailableError,
  TenantNotAllowedError,
  TenantNotFoundError,
  TokenParameterError,
  TooManyRequestsError,
  UnsupportedEncodingError,
} from './errors';

describe('errors', () => {
  it.each<[number, string, ApiError]>([
    [400, 'There was an error parsing the body', new BodyNotParsableError()],
    [400, 'The body was lost before it could be read', new BodyLostError()],
    [400, 'token must be there once, as text', new TokenParameterError()],
    [401, 'Not authenticated', new NotAuthenticatedError()],
    [401, 'Invalid or expired token', new InvalidTokenError()],
    [403, 'Insufficient permissions', new InsufficientPermissionsError()],
    [
      403,
      'Platform token requires admin:read or admin:write scope',
      new PlatformScopeRequiredError(),
    ],
    [403, 'Access to this tenant is not allowed', new TenantNotAllowedError()],
    [404, 'Tenant not found', new TenantNotFoundError()],
    [405, 'Method Not Allowed', new MethodNotAllowedError(['GET'])],
    [413, 'Request body too large', new BodyTooLargeError()],
    [415, 'Unsupported content encoding', new UnsupportedEncodingError()],
    [429, 'Too Many Requests', new TooManyRequestsError(7)],
    [503, 'Service temporarily unavailable', new ServiceUnavailableError()],
    [503, 'Service temporarily unavailable', new AuthUnavailableError()],
  ])('%i %s', (status, detail, error) => {
    expect(error).toBeInstanceOf(ApiError);
    expect(error.getStatus()).toBe(status);
    expect(error.getResponse()).toEqual({ detail });
    expect(error.detail).toBe(detail);
    expect(error.message).toBe(detail);
    expect(error.name).toBe(error.constructor.name);
  });

  it('a 401 says how to authenticate', () => {
    expect(new NotAuthenticatedError().headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
    expect(new InvalidTokenError().headers).toEqual({
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    });
  });

  it('429 and 503 say when to come back, 405 what is allowed', () => {
    expect(new TooManyRequestsError(7).headers).toEqual({ 'Retry-After': '7' });
    expect(Number(new ServiceUnavailableError().headers['Retry-After'])).toBeGreaterThan(0);
    expect(new MethodNotAllowedError(['GET', 'HEAD']).headers).toEqual({ Allow: 'GET, HEAD' });
  });
});
