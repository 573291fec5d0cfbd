import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrustedIssuers } from '../../core/trusted-issuers';
import { CreateScimTokenDto } from '../../scim-tokens/dto/create-scim-token.dto';
import { decodeJsonBody, parseJson, WholeFloat } from './json-body';
import { InputInvalidError, type ErrorDetail } from './input-invalid.error';
import { validateInput } from './validate-input';
import { parseQuery } from '../form';
import { readBoolean, Rejected } from './read-values';

interface LaxModeCase {
  body: string;
  errors: { loc: (string | number)[]; type: string; msg?: string }[];
}

/** What pydantic 2.13 says to each value in each field; texts left out where its tail is free. */
const cases = JSON.parse(
  readFileSync(join(__dirname, '../../../test/contract/lax-mode-cases.json'), 'utf8'),
) as LaxModeCase[];

const NOW = new Date('2026-01-01T00:00:00Z');

function create(
  body: string,
  context = { maxTtlDays: 1e9, now: new Date('0001-01-02') },
): CreateScimTokenDto {
  const decoded = decodeJsonBody(Buffer.from(body), 'application/json');
  if (!decoded.ok) throw decoded.error;
  const { value, fields } = decoded;
  return validateInput(
    CreateScimTokenDto,
    { source: 'body', value, fields },
    {
      ...context,
      tenantRequired: false,
      issuers: new TrustedIssuers({ issuers: [] }),
      mayReturnTo: () => false,
    },
  );
}

function errorsOf(work: () => unknown): readonly ErrorDetail[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof InputInvalidError) return error.detail;
    throw error;
  }
}

describe('validateInput', () => {
  it(`answers what pydantic answers in its lax mode, for ${cases.length} bodies`, () => {
    for (const { body, errors } of cases) {
      const found = errorsOf(() => create(body)).map((error, index) => {
        const { type, msg } = error;
        const loc = error.loc.slice(1);
        return errors[index]?.msg === undefined ? { loc, type } : { loc, type, msg };
      });
      expect({ body, errors: found }).toEqual({ body, errors });
    }
  });

  it('reads what pydantic reads as the same values', () => {
    expect(
      create(
        JSON.stringify({
          name: 'n',
          description: null,
          scopes: ['users:write', 'users:read', 'users:write'],
          expires_at: '2026-03-01 10:00:00.9999+05:30',
          expires_in_days: null,
          allowed_ips: [
            '10.0.0.1',
            '10.0.0.0/255.0.0.0',
            '::ffff:10.0.0.0/104',
            '2001:DB8:0::/32',
            '10.0.0.0/8',
            5,
          ],
        }),
      ),
    ).toEqual({
      name: 'n',
      description: null,
      scopes: ['users:write', 'users:read'],
      expires_at: new Date('2026-03-01T04:30:00.999Z'),
      expires_in_days: null,
      allowed_ips: ['10.0.0.1/32', '10.0.0.0/8', '2001:db8::/32', '0.0.0.5/32'],
    });
  });

  it.each([
    ['2026-12-31T00:00:00Z', []],
    ['2027-01-01T00:00:00Z', []],
    ['2027-01-01T00:00:00.001Z', ['Value error, must be at most 365 days ahead']],
  ])('holds the expiry %s against the longest lifetime', (expires_at, messages) => {
    const body = JSON.stringify({ name: 'n', expires_at });
    const errors = errorsOf(() => create(body, { maxTtlDays: 365, now: NOW }));
    expect(errors.map(({ msg }) => msg)).toEqual(messages);
  });

  it('reports both expiries only where no field is wrong', () => {
    const both = { name: 'n', expires_at: '2099-01-01T00:00:00Z', expires_in_days: 3 };
    expect(errorsOf(() => create(JSON.stringify(both)))).toEqual([
      {
        loc: ['body'],
        msg: 'Value error, set either expires_at or expires_in_days, not both',
        type: 'value_error',
      },
    ]);
    const types = errorsOf(() => create(JSON.stringify({ ...both, bogus: 1 }))).map(
      ({ type }) => type,
    );
    expect(types).toEqual(['extra_forbidden']);
  });

  it('refuses what PostgreSQL cannot hold', () => {
    expect(errorsOf(() => create('{"name":"a\\u0000b"}'))).toEqual([
      {
        loc: ['body', 'name'],
        msg: 'Value error, must not contain NUL characters',
        type: 'value_error',
      },
    ]);
  });

  it('names unknown fields in the order of the text, whatever they are called', () => {
    const body = '{"z":1,"10":{"z":[1]},"name":"n","2":2,"__proto__":3,"constructor":4,"z":5}';
    expect(errorsOf(() => create(body)).map(({ loc }) => loc[1])).toEqual([
      'z',
      '10',
      '2',
      '__proto__',
      'constructor',
    ]);
  });

  it('is not overwhelmed by depth', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    expect(errorsOf(() => create(`{"name":${deep},"scopes":${deep},"x":${deep}}`))).toHaveLength(3);
  });
});

describe('decodeJsonBody', () => {
  const decode = (bytes: string | Buffer, type?: string) =>
    decodeJsonBody(Buffer.from(bytes), type);

  it.each([
    undefined,
    '',
    'application/json',
    'Application/JSON; charset=latin1',
    'application/scim+json',
    'application/+json',
  ])('takes the content type %s as JSON', (type) => {
    expect(decode('{"a":1}', type)).toMatchObject({ ok: true, value: { a: 1 } });
  });

  it.each([
    'text/plain',
    'application/jsonx',
    'text/json',
    'application/x-www-form-urlencoded',
    'json',
  ])('leaves a body of type %s no object', (type) => {
    expect(decode('{"a":1}', type)).toMatchObject({ ok: true, value: '{"a":1}' });
  });

  it('takes a byte order mark and refuses what is not UTF-8', () => {
    expect(decode('\ufeff{}')).toMatchObject({ ok: true, value: {} });
    expect(decode(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({
      ok: false,
      error: { detail: 'There was an error parsing the body' },
    });
  });

  it("takes Python's NaN and Infinity as numbers, outside of strings alone", () => {
    expect(decode('{"a":NaN,"b":-Infinity,"c":"NaN \\"Infinity 5.0"}')).toMatchObject({
      value: { a: NaN, b: -Infinity, c: 'NaN "Infinity 5.0' },
    });
  });

  it('tells floats from integers of any size', () => {
    expect(decode('[5,-0,5.5,1e400,5.0,1E2,9007199254740993]')).toMatchObject({
      value: [5, -0, 5.5, Infinity, new WholeFloat(5), new WholeFloat(100), 9007199254740993n],
    });
  });

  it.each([
    '-NaN',
    '1NaN',
    '- Infinity',
    '+Infinity',
    'NaNNaN',
    '{5.0:1}',
    '{9007199254740993 :1}',
    '{NaN:1}',
    '01.0',
    '1.',
    '"5.0',
    '5.0 5.0',
  ])('takes %s as no JSON', (text) => {
    expect(decode(text)).toMatchObject({
      ok: false,
      error: { detail: [{ type: 'json_invalid' }] },
    });
  });

  it('gives up where numbers are too long or lists too deep, as Python does', () => {
    for (const text of ['9'.repeat(4301), `${'['.repeat(30_000)}5.0${']'.repeat(30_000)}`]) {
      expect(decode(text)).toMatchObject({
        ok: false,
        error: { detail: 'There was an error parsing the body' },
      });
    }
  });

  it.each([
    ['1', true],
    ['1.0', true],
    ['0.0', false],
    ['2.0', new Rejected('bool_parsing')],
    ['1e18', new Rejected('bool_parsing')],
    ['1e19', new Rejected('bool_type')],
    ['0.5', new Rejected('bool_type')],
    ['9223372036854775807', new Rejected('bool_parsing')],
    ['9223372036854775808', new Rejected('bool_type')],
    ['NaN', new Rejected('bool_type')],
  ])('reads the number %s as a boolean where it is one', (text, result) => {
    expect(readBoolean(parseJson(text))).toEqual(result);
  });

  it('does not take long over a string that never ends', () => {
    const began = performance.now();
    expect(decode(`"${'\\"'.repeat(500_000)}\\`).ok).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('parseQuery', () => {
  it('takes the last of a repeated parameter, and any name', () => {
    expect({ ...parseQuery('/x??a=1') }).toEqual({ '?a': '1' });
    expect({ ...parseQuery('/x?a=1&a=2&__proto__=3&b=%ff+c') }).toEqual(
      Object.fromEntries([
        ['a', '2'],
        ['__proto__', '3'],
        ['b', '\ufffd c'],
      ]),
    );
  });
});
