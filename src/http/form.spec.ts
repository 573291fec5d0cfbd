import fc from 'fast-check';
import { formPairs } from './form';

describe('The pairs of a form', () => {
  it('are those that the URL standard reads', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '',
        '&',
        '&&',
        '=',
        '==',
        '+',
        '%',
        '%4',
        '%41',
        '%ff',
        '%F0%9F%98%80',
        '?',
        ';',
      ),
      fc.constantFrom('a', 'b=c', '__proto__', 'é', '😀', ' ', '#'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('').toWellFormed();
        expect(formPairs(text)).toEqual([...new URLSearchParams(`&${text}`)]);
      }),
      { numRuns: 2_000 },
    );
  });
});
