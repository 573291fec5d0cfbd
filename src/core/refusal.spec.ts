import { FAILURE_HINTS } from './refusal';

it('Every hint fits the column that counts failures by it', () => {
  expect(Object.keys(FAILURE_HINTS).filter((hint) => hint.length > 32)).toEqual([]);
});
