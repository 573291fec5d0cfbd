import fc from 'fast-check';
import { COMPARE_OPERATORS, type AttributePath, type Filter } from './filter.ast';
import { FilterSyntaxError } from './filter.cursor';
import { MAX_FILTER_DEPTH, MAX_FILTER_TERMS, parseFilter, parsePath } from './filter.parser';

const path = (name: string, sub: string | null = null): AttributePath => ({
  schema: null,
  name,
  sub,
});
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('parseFilter', () => {
  it('reads a comparison', () => {
    expect(parseFilter('userName eq "bjensen"')).toEqual({
      kind: 'compare',
      path: path('userName'),
      operator: 'eq',
      value: 'bjensen',
    });
  });

  it('reads operators and conjunctions whatever their case', () => {
    expect(parseFilter('a EQ true AND b Pr')).toEqual({
      kind: 'and',
      filters: [
        { kind: 'compare', path: path('a'), operator: 'eq', value: true },
        { kind: 'present', path: path('b') },
      ],
    });
  });

  it('binds and closer than or, and brackets closer than both', () => {
    expect(parseFilter('a pr or b pr and c pr')).toMatchObject({
      kind: 'or',
      filters: [{ kind: 'present' }, { kind: 'and' }],
    });
    expect(parseFilter('(a pr or b pr) and c pr')).toMatchObject({
      kind: 'and',
      filters: [{ kind: 'or' }, { kind: 'present' }],
    });
  });

  it('takes not only before brackets', () => {
    expect(parseFilter('not (a pr)')).toEqual({
      kind: 'not',
      filter: { kind: 'present', path: path('a') },
    });
    expect(() => parseFilter('not a pr')).toThrow(FilterSyntaxError);
  });

  it('ends a URN at its last colon, whatever dots are in it', () => {
    expect(parseFilter(`${ENTERPRISE}:manager.value eq "x"`)).toMatchObject({
      path: { schema: ENTERPRISE, name: 'manager', sub: 'value' },
    });
  });

  it('reads a comparison behind a value filter as one more condition on the value', () => {
    expect(parseFilter('emails[type eq "work"].value co "@"')).toEqual({
      kind: 'values',
      path: path('emails'),
      filter: {
        kind: 'and',
        filters: [
          { kind: 'compare', path: path('type'), operator: 'eq', value: 'work' },
          { kind: 'compare', path: path('value'), operator: 'co', value: '@' },
        ],
      },
    });
  });

  it('reads strings with their escapes', () => {
    expect(parseFilter(String.raw`a eq "\"\\\u00e9\n"`)).toMatchObject({ value: '"\\é\n' });
  });

  it.each([
    '',
    'a',
    'a eq',
    'a eq"x"',
    'a zz "x"',
    'a eq "x',
    'a eq x',
    "a eq 'x'",
    '(a pr',
    'a pr)',
    'a[b pr',
    'a.b.c pr',
    'a.b[c pr]',
    '.a pr',
    'a pr and',
    'a pr or or b pr',
    'a eq 01',
    'a eq 1.',
    String.raw`a eq "\u0000"`,
    String.raw`a eq "\ud800"`,
    'a eq "x" b',
    ';',
  ])('refuses %j', (text) => {
    expect(() => parseFilter(text)).toThrow(FilterSyntaxError);
  });

  it('bounds depth, number of comparisons and length', () => {
    const nested = (depth: number): string => '('.repeat(depth) + 'a pr' + ')'.repeat(depth);
    expect(parseFilter(nested(MAX_FILTER_DEPTH))).toMatchObject({ kind: 'present' });
    expect(() => parseFilter(nested(MAX_FILTER_DEPTH + 1))).toThrow(/levels deep/);
    expect(() => parseFilter(nested(4_000))).toThrow(/levels deep/);
    const joined = (terms: number): string => Array<string>(terms).fill('a pr').join(' or ');
    expect(parseFilter(joined(MAX_FILTER_TERMS))).toMatchObject({ kind: 'or' });
    expect(() => parseFilter(joined(MAX_FILTER_TERMS + 1))).toThrow(/comparisons/);
    expect(() => parseFilter(`a eq "${'x'.repeat(10_000)}"`)).toThrow(/characters/);
  });

  it('reads back every filter that it can be given', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(print(filter))).toEqual(filter);
      }),
      { numRuns: 2_000 },
    );
  });

  it('meets any text with a filter or a syntax error', () => {
    const pieces = fc.constantFrom(
      ...['a', 'emails', '[', ']', '(', ')', ' ', '"', '\\', '.', ':', 'urn:', 'eq', 'and', 'not'],
      ...['or', 'pr', 'true', '1', '-', '"x"', '\u0000', 'ü', '$ref', '__proto__'],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        for (const parse of [parseFilter, parsePath]) {
          try {
            parse(given);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterSyntaxError);
          }
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('parsePath', () => {
  it('reads attributes, parts, values and parts of values', () => {
    expect(parsePath('name.familyName')).toEqual({
      path: path('name', 'familyName'),
      filter: null,
    });
    expect(parsePath('members[value eq "1"]')).toMatchObject({
      path: path('members'),
      filter: { kind: 'compare', value: '1' },
    });
    expect(parsePath('emails[type eq "work" and primary eq true].value')).toMatchObject({
      path: path('emails', 'value'),
      filter: { kind: 'and' },
    });
    expect(parsePath(`${ENTERPRISE}:department`)).toEqual({
      path: { schema: ENTERPRISE, name: 'department', sub: null },
      filter: null,
    });
  });

  it.each(['', 'a b', 'a[b pr', 'a.b.c', 'a[b pr]c', 'a[b pr].', '"a"', 'a['])(
    'refuses %j',
    (text) => {
      expect(() => parsePath(text)).toThrow(FilterSyntaxError);
    },
  );
});

const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/)
  .filter((word) => !/^not$/i.test(word));
const urn = fc.stringMatching(/^urn:[a-z0-9:.]{1,12}[a-z0-9]$/);
const attributePath = fc.record({
  schema: fc.option(urn),
  name,
  sub: fc.option(name),
});
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text)),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.constantFrom(true, false, null),
);
const leaf = fc.oneof(
  fc.record({ kind: fc.constant('present' as const), path: attributePath }),
  fc.record({
    kind: fc.constant('compare' as const),
    path: attributePath,
    operator: fc.constantFrom(...COMPARE_OPERATORS),
    value,
  }),
);
const { filters } = fc.letrec<{ filters: Filter; operand: Filter }>((tie) => ({
  filters: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('operand')),
  operand: fc.oneof(
    fc.record({ kind: fc.constant('not' as const), filter: tie('filters') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filters'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('values' as const),
      path: attributePath.map((whole) => ({ ...whole, sub: null })),
      filter: tie('filters'),
    }),
  ),
}));

function print(filter: Filter): string {
  switch (filter.kind) {
    case 'present':
      return `${printPath(filter.path)} pr`;
    case 'compare':
      return `${printPath(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'not':
      return `not (${print(filter.filter)})`;
    case 'values':
      return `${printPath(filter.path)}[${print(filter.filter)}]`;
    default:
      return filter.filters
        .map((part) =>
          part.kind === 'and' || part.kind === 'or' ? `(${print(part)})` : print(part),
        )
        .join(` ${filter.kind} `);
  }
}

function printPath({ schema, name: own, sub }: AttributePath): string {
  return `${schema === null ? '' : `${schema}:`}${own}${sub === null ? '' : `.${sub}`}`;
}
