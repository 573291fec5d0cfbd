import fc from 'fast-check';
import { SqlParameters } from '../../database/sql-parameters';
import { ScimError } from '../protocol/scim.error';
import { foldedSql } from '../schema/fold';
import { USER_FILTER_SOURCE } from '../users/user-filter-source';
import { FilterSyntaxError } from './filter.cursor';
import { parseFilter } from './filter.parser';
import { filterToSql } from './filter-to-sql';

function compile(text: string): { sql: string; values: unknown[] } {
  const parameters = new SqlParameters('tnt_a');
  const sql = filterToSql(parseFilter(text), USER_FILTER_SOURCE, parameters);
  return { sql, values: parameters.values.slice(1) };
}

describe('filterToSql', () => {
  it('asks the indexed column for a userName, whatever its case', () => {
    expect(compile('USERNAME eq "Ada"')).toEqual({
      sql: `r.user_name_key = ${foldedSql('$2::text')}`,
      values: ['Ada'],
    });
  });

  it('asks the index for an address before it looks at its kind', () => {
    const { sql } = compile('emails[type eq "work"].value eq "a@b.example"');
    expect(sql).toContain(`r.email_keys @> ARRAY[${foldedSql('$4::text')}] AND EXISTS (`);
  });

  it('counts what is neither true nor false as false under not', () => {
    expect(compile('not (title eq "x")').sql).toMatch(/IS NOT TRUE\)$/);
  });

  it('keeps the case of what is case-exact', () => {
    expect(compile('externalId eq "X"').sql).toBe('r.external_id = $2::text');
  });

  it.each([
    'nothing eq "x"',
    'urn:example:other:thing eq "x"',
    'password eq "x"',
    'password pr',
    'active gt true',
    'active eq "perhaps"',
    'userName eq 5',
    'meta.created co "2026"',
    'meta.created gt "yesterday"',
    'name eq "x"',
    'userName[value eq "x"]',
    'emails[nothing eq "x"]',
    'emails[value[type pr]]',
    'title gt null',
    'constructor pr',
    'emails.constructor pr',
  ])('refuses %j as a filter that cannot be asked', (text) => {
    expect(() => compile(text)).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('never lets a value into the text of the statement', () => {
    const attribute = fc.constantFrom(
      'userName',
      'title',
      'emails',
      'emails.value',
      'name.givenName',
    );
    const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le');
    const hostile = fc
      .string({ minLength: 1, maxLength: 20 })
      .map((text) => `~${text.replace(/\p{Cc}/gu, '')}';--"$1`);
    fc.assert(
      fc.property(attribute, operator, hostile, (name, word, text) => {
        const { sql, values } = compile(`${name} ${word} ${JSON.stringify(text)}`);
        expect(sql).not.toContain('~');
        expect(values).toContain(text);
      }),
    );
  });

  it('meets every filter with a condition or invalidFilter', () => {
    const names = fc.constantFrom(
      ...[
        'id',
        'userName',
        'active',
        'emails',
        'groups',
        'meta.created',
        'schemas',
        'manager',
        'x',
      ],
      ...['name', 'roles.primary', 'groups.display', 'addresses.country', 'emails.type', 'meta'],
    );
    const values = fc.constantFrom('"x"', 'true', 'null', '5', '"2026-01-01T00:00:00Z"', '"True"');
    const operators = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
    fc.assert(
      fc.property(names, operators, values, (name, operator, value) => {
        for (const text of [
          `${name} ${operator} ${value}`,
          `${name} pr`,
          `${name}[value eq ${value}]`,
        ]) {
          try {
            compile(text);
          } catch (error) {
            if (error instanceof FilterSyntaxError) continue;
            expect((error as ScimError).scimType).toBe('invalidFilter');
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
