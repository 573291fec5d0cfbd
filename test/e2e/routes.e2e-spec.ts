import request from 'supertest';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { startTestApp, tenantAdmin, type TestApp } from '../support/test-app';

/** What is open on purpose. */
const OPEN = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/openapi.json',
  '/api/v1/scim-tokens/revoke',
  // Open to clients, by their own credentials.
  '/api/v1/scim-tokens/oauth/token',
  '/.well-known/oauth-authorization-server',
  // Open to proxies, by their own secret.
  '/api/v1/scim-tokens/verify',
  // Files alone: what the page does it does by its API.
  '/setup',
  '/setup/logo',
  '/setup/assets/:hash/:name',
  '/setup/assets/:hash/:folder/:name',
  '/setup/assets/:hash/:folder/:inner/:name',
];

describe('Every route', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ directory: new FileTenantDirectory([{ id: 'tnt_a' }]) });
  });
  afterAll(() => app.close());

  const guarded = () =>
    app
      .routes()
      .filter(({ path }) => !OPEN.includes(path) && !/^\/docs\b/.test(path) && !path.includes('*'));

  it('is among those of the contract, or beyond them and listed here', () => {
    const path = '/api/v1/admin/scim-tokens';
    expect(
      guarded()
        .map((route) => `${route.method} ${route.path}`)
        .sort(),
    ).toEqual(
      [
        `get ${path}`,
        `post ${path}`,
        `get ${path}/endpoint-info`,
        `get ${path}/:token_id`,
        `patch ${path}/:token_id`,
        `delete ${path}/:token_id`,
        `get ${path}/events`,
        `get ${path}/events/export`,
        `get ${path}/:token_id/events`,
        `post ${path}/identify`,
        `post ${path}/explain`,
        `post ${path}/revoke-by-value`,
        `post ${path}/:token_id/rotate`,
        `post ${path}/:token_id/rotation/complete`,
        `delete ${path}/:token_id/rotation`,
        `post ${path}/revoke-all`,
        `post ${path}/import`,
        `get ${path}/setup-links`,
        `post ${path}/setup-links`,
        `get ${path}/setup-links/:link_id`,
        `delete ${path}/setup-links/:link_id`,
        'get /api/v1/scim-setup',
        'post /api/v1/scim-setup/token',
        'post /api/v1/scim-setup/explain',
        'post /api/v1/scim-tokens/introspect',
      ].sort(),
    );
  });

  it('asks for an admin JWT before anything else', async () => {
    for (const { method, path } of guarded()) {
      const response = await request(app.url)
        [method](path)
        .set('Content-Type', 'application/json')
        .send('{');
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
  });

  it('works out the tenants of the caller before it looks at the input', async () => {
    const stranger = app.as(tenantAdmin('unknown'));
    for (const { method, path } of guarded().filter((route) => route.path.includes('/admin/'))) {
      const response = await stranger[method](path)
        .set('Content-Type', 'application/json')
        .send('{');
      expect([method, path, response.body]).toEqual([
        method,
        path,
        // The role comes before the tenant: an import is not for a tenant_admin at all.
        {
          detail: path.endsWith('/import')
            ? 'Insufficient permissions'
            : 'Access to this tenant is not allowed',
        },
      ]);
    }
  });
});
