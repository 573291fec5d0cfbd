import request from 'supertest';
import { FileTenantDirectory } from '../../src/tenancy/tenant-directory';
import { startTestApp, tenantAdmin, type TestApp } from '../support/test-app';

/** What is open on purpose. */
const OPEN = ['/health/live', '/health/ready', '/metrics', '/openapi.json'];

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

  it('is among those of the contract', () => {
    expect(guarded().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'get /api/v1/admin/scim-tokens',
      'post /api/v1/admin/scim-tokens',
      'get /api/v1/admin/scim-tokens/endpoint-info',
      'get /api/v1/admin/scim-tokens/:token_id',
      'patch /api/v1/admin/scim-tokens/:token_id',
      'delete /api/v1/admin/scim-tokens/:token_id',
    ]);
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
    for (const { method, path } of guarded()) {
      const response = await stranger[method](path)
        .set('Content-Type', 'application/json')
        .send('{');
      expect([method, path, response.body]).toEqual([
        method,
        path,
        { detail: 'Access to this tenant is not allowed' },
      ]);
    }
  });
});
