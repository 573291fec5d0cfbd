import { USER_TYPE } from '../schema/resource-types';
import { Projection } from './projection';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const USER = {
  schemas: ['s'],
  id: '1',
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'L' },
  emails: [
    { value: 'w@x', type: 'work' },
    { value: 'h@x', type: 'home' },
  ],
  [ENTERPRISE]: { department: 'D', manager: { value: 'm', $ref: '../Users/m' } },
};

const projected = (query: object): object =>
  Projection.of(USER_TYPE, query as Record<string, unknown>).apply(USER);
const kept = (attributes: unknown): object => {
  const { schemas, id, ...rest } = projected({ attributes }) as typeof USER;
  expect({ schemas, id }).toEqual({ schemas: ['s'], id: '1' });
  return rest;
};

describe('Projection', () => {
  it.each([
    ['name.givenName', { name: { givenName: 'Ada' } }],
    [`${ENTERPRISE}:manager.value`, { [ENTERPRISE]: { manager: { value: 'm' } } }],
    ['manager.$ref', { [ENTERPRISE]: { manager: { $ref: '../Users/m' } } }],
    ['manager.displayName', {}],
    [`${ENTERPRISE}.department`, { [ENTERPRISE]: { department: 'D' } }],
    ['emails[type eq "work"]', { emails: [{ value: 'w@x', type: 'work' }] }],
    ['emails[value co "," or type eq "HOME"].value', { emails: [{ value: 'h@x' }] }],
    ['emails.value, name', { name: USER.name, emails: [{ value: 'w@x' }, { value: 'h@x' }] }],
    [['userName', 'name.givenName,name.familyName'], { userName: 'ada', name: USER.name }],
    ['nothing,constructor,emails.nothing', {}],
  ])('keeps of %j that part alone', (attributes, expected) => {
    expect(kept(attributes)).toEqual(expected);
  });

  it.each([
    ['manager.$ref', { [ENTERPRISE]: { department: 'D', manager: { value: 'm' } } }],
    ['manager.displayName', {}],
    ['name.givenName,name.familyName', { name: undefined }],
    ['emails[type eq "work"]', { emails: [{ value: 'h@x', type: 'home' }] }],
    ['emails.type', { emails: [{ value: 'w@x' }, { value: 'h@x' }] }],
    ['id,schemas', {}],
    [['userName', 'name'], { userName: undefined, name: undefined }],
  ])('leaves out of %j that part alone', (excludedAttributes, changed) => {
    expect(projected({ excludedAttributes })).toEqual({ ...USER, ...changed });
  });

  it('refuses value filters that cannot be asked, or too many', () => {
    expect(() => kept('emails[nothing pr]')).toThrow('emails has no nothing');
    expect(() => kept(`emails[${'type pr or '.repeat(20)}type pr]`)).toThrow('at most 20');
  });
});
