import { SCIM_SCOPES } from '../core/token';
import { grantedScopes } from './grant';

describe('Granted scopes', () => {
  it.each([undefined, 'scim'])('are all that the token has, asked by %s', (asked) => {
    expect(grantedScopes(asked, ['groups:read', 'users:read'])).toEqual([
      'users:read',
      'groups:read',
    ]);
  });

  it('are those that were asked for, each once, in our order', () => {
    expect(grantedScopes('groups:read users:write groups:read', SCIM_SCOPES)).toEqual([
      'users:write',
      'groups:read',
    ]);
  });

  it.each([
    'users:read users:write',
    'Users:read',
    'users:read,groups:read',
    'users:read  groups:read',
    ' users:read',
    'users:read ',
    'users:read\tgroups:read',
    ' ',
    'scim users:read',
    'SCIM',
    'scim.readwrite',
    'openid',
  ])('are none for %j', (asked) => {
    expect(grantedScopes(asked, ['users:read', 'groups:read'])).toBeNull();
  });
});
