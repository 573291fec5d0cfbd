import fc from 'fast-check';
import { ScimError } from '../protocol/scim.error';
import type { ScimDocument } from '../schema/document';
import { readDocument } from '../schema/read-document';
import { USER_TYPE } from '../schema/resource-types';
import { applyPatch } from './apply-patch';
import { MAX_OPERATIONS, readPatch } from './patch-request';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ID = '0190a5c0-0000-7000-8000-000000000000';
const ADA: ScimDocument = {
  userName: 'ada',
  title: 'Before',
  active: true,
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { value: 'ada@work.example', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  [ENTERPRISE]: { department: 'Sales', manager: { value: 'm1' } },
};

function patch(...Operations: unknown[]): ScimDocument {
  return applyPatch(ADA, readPatch(USER_TYPE, { Operations }, ID));
}

const refusal = (scimType: string): unknown => expect.objectContaining({ status: 400, scimType });

describe('applyPatch', () => {
  it.each([
    ['a boolean as a string', { op: 'Replace', path: 'active', value: 'False' }, { active: false }],
    ['an attribute in other letters', { op: 'replace', path: 'TITLE', value: 'T' }, { title: 'T' }],
    [
      'a value in a list of one',
      { op: 'Replace', path: 'title', value: [{ $ref: null, value: 'T' }] },
      { title: 'T' },
    ],
    [
      'a dotted key',
      { op: 'replace', value: { 'name.givenName': 'A' } },
      { name: { givenName: 'A', familyName: 'Lovelace' } },
    ],
    [
      'a complex attribute in part',
      { op: 'replace', path: 'name', value: { givenName: 'A' } },
      { name: { givenName: 'A', familyName: 'Lovelace' } },
    ],
    [
      'an extension attribute by its URN',
      { op: 'add', path: `${ENTERPRISE}:costCenter`, value: '1' },
      { [ENTERPRISE]: { department: 'Sales', manager: { value: 'm1' }, costCenter: '1' } },
    ],
    [
      'an extension attribute with a dot',
      { op: 'replace', path: `${ENTERPRISE}.department`, value: 'R' },
      { [ENTERPRISE]: { department: 'R', manager: { value: 'm1' } } },
    ],
    [
      'an extension attribute without its URN',
      { op: 'replace', path: 'department', value: 'R' },
      { [ENTERPRISE]: { department: 'R', manager: { value: 'm1' } } },
    ],
    [
      'an extension as an object',
      { op: 'replace', value: { [ENTERPRISE]: { department: 'R' } } },
      { [ENTERPRISE]: { department: 'R', manager: { value: 'm1' } } },
    ],
    [
      'a manager as a bare id',
      { op: 'Replace', path: `${ENTERPRISE}:manager`, value: 'm2' },
      { [ENTERPRISE]: { department: 'Sales', manager: { value: 'm2' } } },
    ],
    [
      'a manager in a list',
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: [{ $ref: 'x', value: 'm2' }] },
      { [ENTERPRISE]: { department: 'Sales', manager: { value: 'm2', $ref: 'x' } } },
    ],
    [
      'the part of a chosen value',
      { op: 'Replace', path: 'emails[type eq "home"].value', value: 'n@h.example' },
      {
        emails: [
          { value: 'ada@work.example', type: 'work', primary: true },
          { value: 'n@h.example', type: 'home' },
        ],
      },
    ],
    [
      'a chosen value',
      { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'n' } },
      {
        emails: [
          { value: 'ada@work.example', type: 'work', primary: true },
          { value: 'n', type: 'home' },
        ],
      },
    ],
    [
      'a list as a whole',
      { op: 'replace', path: 'emails', value: [{ value: 'n' }] },
      { emails: [{ value: 'n' }] },
    ],
    [
      'a new primary value, which is the only one then',
      { op: 'add', path: 'emails', value: [{ value: 'n', primary: true }] },
      {
        emails: [
          { value: 'ada@work.example', type: 'work', primary: false },
          { value: 'ada@home.example', type: 'home' },
          { value: 'n', primary: true },
        ],
      },
    ],
    [
      'a single value for a list',
      { op: 'add', path: 'phoneNumbers', value: { value: '1' } },
      { phoneNumbers: [{ value: '1' }] },
    ],
    [
      'a value that a filter implies',
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
      { phoneNumbers: [{ type: 'mobile', value: '1' }] },
    ],
    [
      'two equalities that a filter implies',
      { op: 'add', path: 'addresses[type eq "work" and primary eq "True"].country', value: 'DE' },
      { addresses: [{ type: 'work', primary: true, country: 'DE' }] },
    ],
    [
      'nothing for what is in the list already',
      { op: 'add', path: 'emails', value: [{ value: 'ada@home.example', type: 'home' }] },
      {},
    ],
    ['nothing for null that is added', { op: 'add', path: 'title', value: null }, {}],
    [
      'nothing for names that are unknown or read-only',
      { op: 'replace', value: { unknown: 1, groups: [], meta: {}, id: ID } },
      {},
    ],
    ['nothing for schemas', { op: 'add', path: 'schemas', value: [ENTERPRISE] }, {}],
    ['nothing for a password', { op: 'replace', path: 'password', value: 'secret' }, {}],
  ])('puts %s in its place', (_, operation, changed) => {
    expect(patch(operation)).toEqual({ ...ADA, ...changed });
  });

  it.each([
    ['an attribute', { op: 'Remove', path: 'title' }, ['title']],
    ['what is replaced by null', { op: 'replace', path: 'title', value: null }, ['title']],
    ['what a key replaces by null', { op: 'replace', value: { title: null } }, ['title']],
    ['a list replaced by nothing', { op: 'replace', path: 'emails', value: [] }, ['emails']],
    ['a complex attribute', { op: 'remove', path: 'name' }, ['name']],
    ['an extension', { op: 'remove', path: ENTERPRISE }, [ENTERPRISE]],
  ])('removes %s', (_, operation, gone) => {
    expect(patch(operation)).toEqual(
      Object.fromEntries(Object.entries(ADA).filter(([name]) => !gone.includes(name))),
    );
  });

  it.each([
    { op: 'remove', path: 'emails[type eq "home"]' },
    { op: 'Remove', path: 'emails[type eq "home"].value' },
    { op: 'remove', path: 'emails', value: [{ value: 'ada@home.example' }] },
    { op: 'remove', path: 'emails', value: { value: 'ada@home.example', type: 'home' } },
    { op: 'replace', path: 'emails[type eq "home"]', value: null },
    { op: 'remove', path: 'emails[not (primary eq true)]' },
  ])('takes one value out of a list: %j', (operation) => {
    expect(patch(operation).emails).toEqual([
      { value: 'ada@work.example', type: 'work', primary: true },
    ]);
  });

  it('leaves the list alone where a removal chooses nothing', () => {
    expect(patch({ op: 'remove', path: 'emails[type eq "other"]' })).toEqual(ADA);
  });

  it('applies operations one after the other', () => {
    const patched = patch(
      { op: 'add', path: 'emails', value: [{ value: 'o', type: 'other' }] },
      { op: 'replace', path: 'emails[type eq "other"].value', value: 'p' },
    );
    expect(patched.emails).toContainEqual({ value: 'p', type: 'other' });
  });

  it.each([
    ['noTarget', { op: 'remove' }],
    ['noTarget', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'emails[type eq "work"', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'nothing', value: 'x' }],
    ['invalidPath', { op: 'replace', path: '__proto__.polluted', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'constructor', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'title[value eq "x"]', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 5, value: 'x' }],
    ['invalidFilter', { op: 'replace', path: 'emails[nothing eq "x"]', value: {} }],
    ['mutability', { op: 'replace', path: 'id', value: 'x' }],
    ['mutability', { op: 'replace', value: { id: 'x' } }],
    ['mutability', { op: 'replace', path: 'meta.created', value: 'x' }],
    ['mutability', { op: 'add', path: 'groups', value: [] }],
    ['mutability', { op: 'remove', path: 'userName' }],
    ['invalidSyntax', { op: 'move', path: 'title', value: 'x' }],
    ['invalidSyntax', 'replace'],
    ['invalidValue', { op: 'replace', path: 'title' }],
    ['invalidValue', { op: 'replace', path: 'title', value: 5 }],
    ['invalidValue', { op: 'replace', path: 'active', value: 'perhaps' }],
    ['invalidValue', { op: 'replace', path: 'emails', value: 'me' }],
    ['invalidValue', { op: 'replace', path: 'emails', value: ['me'] }],
    ['invalidValue', { op: 'replace', value: 'x' }],
    ['invalidValue', { op: 'replace', path: 'title', value: 'a\0b' }],
  ])('refuses with %s: %j', (scimType, operation) => {
    expect(() => patch(operation)).toThrow(refusal(scimType) as Error);
  });

  it('bounds the operations of a request', () => {
    const operation = { op: 'replace', path: 'title', value: 'x' };
    expect(() => patch(...Array<object>(MAX_OPERATIONS + 1).fill(operation))).toThrow(/at most/);
  });

  it('ends in a readable document or a refusal, and changes neither the original nor a prototype', () => {
    const before = structuredClone(ADA);
    const paths = fc.constantFrom(
      ...[undefined, '', 'title', 'name', 'name.givenName', 'emails', 'emails.value', 'active'],
      ...['emails[type eq "work"]', 'emails[value pr].type', ENTERPRISE, `${ENTERPRISE}:manager`],
      ...['__proto__', 'constructor.prototype', 'emails[__proto__ eq "x"]', 'roles', 'password'],
    );
    const keys = fc.constantFrom(
      'title',
      'name',
      'value',
      'type',
      'primary',
      '__proto__',
      'emails',
    );
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.dictionary(keys, fc.oneof(fc.string(), fc.boolean(), fc.constant(null))),
      fc.array(fc.dictionary(keys, fc.oneof(fc.string(), fc.boolean()))),
    );
    const operations = fc.array(
      fc.record({ op: fc.constantFrom('add', 'Replace', 'remove'), path: paths, value: values }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(operations, (given) => {
        try {
          const patched = patch(...given);
          expect(readDocument(USER_TYPE, patched)).toEqual(patched);
        } catch (error) {
          if (!(error instanceof ScimError)) throw error;
          expect(error.status).toBe(400);
        }
        expect(ADA).toEqual(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
