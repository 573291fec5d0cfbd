import { TenantPath } from './tenant-path';

describe('TenantPath', () => {
  const path = TenantPath.of('https://app.example.com/api/v1/tenants/{tenant_id}/scim/v2')!;
  const base = '/api/v1/tenants';

  it.each([
    ['tnt_a/scim/v2', 'tnt_a'],
    ['tnt_a/scim/v2/Users', 'tnt_a'],
    ['tnt%5Fa/scim/v2/Users?filter=a//b/../c%2F', 'tnt_a'],
    ['tnt%5fa/sc%69m/v2/Users/x%20y', 'tnt_a'],
    ['M%C3%BCller/scim/v2', 'Müller'],
    ['tnt_a/scim/v2/Users/', 'tnt_a'],
    ['tnt_a/scim/v2/Users/?filter=x', 'tnt_a'],
    ['tnt_a/scim/v2/', 'tnt_a'],
  ])('finds the tenant of %s', (rest, tenant) => {
    expect(path.tenantIn(`${base}/${rest}`)).toBe(tenant);
  });

  it.each([
    'tnt_a/scim',
    'tnt_a/scim/v1/Users',
    '/tnt_a/scim/v2/Users',
    '/scim/v2/Users',
    'tnt_a//scim/v2/Users',
    'tnt_a/scim/v2//Users',
    'tnt_a/scim/v2/Users//',
    'tnt_a/scim/v2//',
    'tnt_a/scim/v2/../../../tnt_b/scim/v2/Users',
    'tnt_a/scim/v2/%2e%2E/Users',
    'tnt_a/scim/v2/./Users',
    'tnt_a/scim/v2/%2e/Users',
    'tnt_a%2Fscim/v2/Users',
    'tnt_a/scim/v2/Users%2f..%2fx',
    'tnt_a/scim/v2/Users%5C..',
    'tnt_a/scim/v2/Users\\..',
    'tnt_a/scim/v2/Users;x=y',
    'tnt_a/scim/v2/Users%3bx',
    'tnt%255Fa/scim/v2/Users',
    'tnt%a/scim/v2/Users',
    'tnt_a/scim/v2/Users%00',
    'tnt_a/scim/v2/Users%0d%0aX: y',
    'tnt_a/scim/v2/Users%7f',
    'tnt_a/scim/v2/Users%C2%85',
    'tnt_a/scim/v2/%ff',
    'tnt_a/scim/v2/Users#/x',
    'tnt_a/scim/v2/a b',
    `${'x'.repeat(256)}/scim/v2`,
  ])('finds none in %s', (rest) => {
    expect(path.tenantIn(`${base}/${rest}`)).toBeNull();
  });

  it.each([
    ['tnt_a/scim/v2//Users', 'tnt_a'],
    ['/tnt_a//scim/v2/Users', 'tnt_a'],
    ['tnt_a/scim/v2/Users%2fx?filter=y', 'tnt_a'],
    ['tnt_a/scim/v2/../../../tnt_b/scim/v2/Users', 'tnt_a'],
    ['../tnt_b/scim/v2/Users', null],
    ['tnt%255Fa/scim/v2//Users', null],
    ['tnt_a/scim', null],
    ['', null],
  ])('knows whose administrators to tell of %s', (rest, tenant) => {
    expect(path.tenantMeantBy(`${base}/${rest}`)).toBe(tenant);
  });

  it.each(['', 'api/v1/tenants/tnt_a/scim/v2', `https://x${base}/tnt_a/scim/v2`, '*'])(
    'takes nothing but a path: %s',
    (target) => {
      expect(path.tenantIn(target)).toBeNull();
    },
  );

  it('knows templates with text around the tenant, or the tenant twice', () => {
    const around = TenantPath.of('https://x/t-{tenant_id}.scim/v2')!;
    expect(around.tenantIn('/t-a.scim/v2/Users')).toBe('a');
    expect(around.tenantIn('/t-.scim/v2/Users')).toBeNull();
    const twice = TenantPath.of('https://x/{tenant_id}/scim/{tenant_id}/')!;
    expect(twice.tenantIn('/a/scim/a/Users')).toBe('a');
    expect(twice.tenantIn('/a/scim/b/Users')).toBeNull();
  });

  it.each([
    'https://{tenant_id}.example.com/scim/v2',
    'https://x/scim',
    'https://x',
    'https://x/{tenant_id}{tenant_id}',
    'https://x//{tenant_id}',
    'https://x/../{tenant_id}',
    '',
  ])('takes no template such as %s', (template) => {
    expect(TenantPath.of(template)).toBeNull();
  });
});
