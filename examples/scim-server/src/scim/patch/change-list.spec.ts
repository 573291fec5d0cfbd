import type { ScimDocument } from '../schema/document';
import { USER_TYPE } from '../schema/resource-types';
import { applyPatch } from './apply-patch';
import { MAX_CHANGES, MAX_OPERATIONS, MAX_PATH_TERMS, readPatch } from './patch-request';

const WORK = { value: 'Ada@Work.example', type: 'work' };
const HOME = { value: 'ada@home.example', type: 'home' };
const ADDRESS = { type: 'work', country: 'GB' };
const ADA: ScimDocument = {
  userName: 'ada',
  emails: [WORK, HOME],
  addresses: [ADDRESS, { type: 'home', country: 'FR' }],
  photos: [{ value: 'https://x/A' }],
};

const patch = (...Operations: unknown[]): ScimDocument =>
  applyPatch(ADA, readPatch(USER_TYPE, { Operations }, '1'));

describe('a list', () => {
  it.each([
    ['emails', [{ value: 'ADA@work.example', type: 'WORK' }], 2],
    ['emails', [{ value: 'ADA@work.example' }], 2],
    ['emails', [{ value: 'ada@work.example', type: 'other' }], 3],
    ['addresses', [{ country: 'gb', type: 'work' }], 2],
    ['addresses', [{ country: 'GB' }], 3],
    ['photos', [{ value: 'https://x/a' }], 2],
  ])('takes to %s %j what it does not have', (path, value, length) => {
    expect(patch({ op: 'add', path, value })[path]).toHaveLength(length);
  });

  it.each([
    ['emails', [{ value: 'ADA@WORK.example' }], [HOME]],
    ['emails', [{ value: 'ADA@WORK.example', type: 'home' }], [WORK, HOME]],
    ['addresses', [{ country: 'fr' }], [ADDRESS]],
    ['photos', [{ value: 'https://x/a' }], ADA.photos],
  ])('loses of %s %j', (path, value, left) => {
    expect(patch({ op: 'remove', path, value })[path]).toEqual(left);
  });

  const TWO = [{ value: '1@x' }, { value: '2@x', type: 'other' }];
  it.each([
    ['add', [WORK, HOME, { value: '1@x', type: 'work' }, { value: '2@x', type: 'other' }]],
    ['replace', [HOME, { value: '1@x', type: 'work' }, { value: '2@x', type: 'other' }]],
  ])('keeps every value of an %s to a filtered path', (op, emails) => {
    expect(patch({ op, path: 'emails[type eq "work"]', value: TWO }).emails).toEqual(emails);
  });

  it.each([
    ['emails[type eq "work"].value', [{ value: 'w2@x' }]],
    ['emails[type eq "work"].value', { value: 'w2@x' }],
    ['emails[type eq "work"]', 'w2@x'],
    ['emails[type eq "work"]', [{ value: 'w2@x' }]],
  ])('takes a value at %s that is written as %j', (path, value) => {
    const emails = [{ value: 'w2@x', type: 'work' }, HOME];
    expect(patch({ op: 'replace', path, value }).emails).toEqual(emails);
  });

  it.each([[null], [[]]])('loses the chosen values where they are replaced by %j', (value) => {
    const { emails } = patch({ op: 'replace', path: 'emails[type eq "work"]', value });
    expect(emails).toEqual([HOME]);
  });

  it('bounds what a request may compare', () => {
    const filter = 'type eq "x" or '.repeat(99) + 'type eq "x"';
    const comparing = { op: 'remove', path: `emails[${filter}]` };
    expect(() => patch(...Array<object>(MAX_PATH_TERMS / 100 + 1).fill(comparing))).toThrow(
      /comparisons/,
    );
    const value = Array<object>(MAX_CHANGES / 20).fill({ value: 'x@x' });
    const adding = { op: 'add', path: 'emails', value };
    expect(() => patch(...Array<object>(21).fill(adding))).toThrow(/changes/);
  });

  it('takes the longest of requests in time', () => {
    const emails = Array.from({ length: 200 }, (_, n) => ({ value: `${n}@x`, type: `t${n}` }));
    const removing = Array<object>(MAX_OPERATIONS).fill({
      op: 'remove',
      path: 'emails[value eq "a" or type eq "b"]',
    });
    const began = performance.now();
    applyPatch({ userName: 'x', emails }, readPatch(USER_TYPE, { Operations: removing }, '1'));
    // Milliseconds that no busy machine needs; what is not bounded takes seconds.
    expect(performance.now() - began).toBeLessThan(1_500);
  });
});
