import { ENTERPRISE_USER_SCHEMA } from './enterprise-user.schema';
import { readAttribute } from './read-value';
import { USER_SCHEMA } from './user.schema';

const attribute = (wanted: string) =>
  [...USER_SCHEMA.attributes, ...ENTERPRISE_USER_SCHEMA.attributes].find(
    ({ name }) => name === wanted,
  )!;

describe('readAttribute', () => {
  it.each([
    ['m1', { value: 'm1' }],
    [{ value: 'm1' }, { value: 'm1' }],
    ['', undefined],
    [{ value: '', $ref: '../Users/m1' }, undefined],
    [null, undefined],
  ])('reads %j as a manager', (given, manager) => {
    expect(readAttribute(attribute('manager'), given)).toEqual(manager);
  });

  it('takes a bare string for nothing that has no value of its own', () => {
    expect(() => readAttribute(attribute('name'), 'Ada')).toThrow('name must be an object');
    expect(() => readAttribute(attribute('emails'), ['a@b'])).toThrow('emails must be an object');
  });
});
