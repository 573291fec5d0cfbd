import { provenTenants } from './prove-tenants';

const FIND = 'SELECT t.tenant_id FROM "public"."scim_tokens" t WHERE t.id = $1';
const LISTED =
  'SELECT count(*) AS total FROM "host"."app_scim_tokens" t LEFT JOIN "host"."app_scim_token_usage" u';

describe('A run whose statements name their tenants', () => {
  it('is fine, and may send those that go over all tenants', async () => {
    const scoped = 'DELETE FROM "public"."scim_tokens" WHERE tenant_id = $1';
    const sent = new Set([scoped, FIND.replace(' WHERE', '\n  WHERE'), 'SELECT FROM scim_tokens']);
    expect(await provenTenants(sent, false)).toEqual([]);
  });

  it('is none with a statement that does not, whatever else it sends', async () => {
    const loose = 'DELETE FROM "public"."scim_tokens" WHERE id = $1';
    expect(await provenTenants(new Set([FIND, loose]), false)).toEqual([
      'without tenant_id: scim_tokens in DELETE FROM scim_tokens WHERE id = $1',
    ]);
  });

  it('is none with one that goes over all tenants and joins without them', async () => {
    const joined = (on: string) => new Set([`${LISTED} ON ${on} WHERE t.revoked_at IS NULL`]);
    const whole = 'u.tenant_id = t.tenant_id AND u.token_id = t.id';
    expect(await provenTenants(joined(whole), false)).toEqual([]);
    const [problem] = await provenTenants(joined('u.token_id = t.id'), false);
    expect(problem).toContain('without tenant_id: scim_tokens t, scim_token_usage u in');
  });

  it('is none as a whole with hardly any statements, or an exception for nothing', async () => {
    const problems = await provenTenants(new Set([FIND]), true);
    expect(problems).toContain('only 1 statements were collected');
    expect(problems).toContainEqual(expect.stringMatching(/^no statement needs the exception: /));
    expect(problems.join()).not.toContain('this look finds the tenant');
  });
});
