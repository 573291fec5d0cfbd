import fc from 'fast-check';
import { RAW_BODY, type IncomingRequest } from '../http/incoming-request';
import { OAuthError } from './oauth-error';
import { readTokenParameters, type TokenParameters } from './token-parameters';

const FORM = 'application/x-www-form-urlencoded';
const NAMES = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
  'scope',
] as const;

function requestWith(
  bytes: Uint8Array | string,
  { type = FORM, url = '/oauth/token' }: { type?: string; url?: string } = {},
): IncomingRequest {
  return {
    url,
    headers: { 'content-type': type },
    [RAW_BODY]: { bytes: Buffer.from(bytes as string) },
  };
}

/** What is read, or the word of the refusal. */
async function read(request: IncomingRequest): Promise<TokenParameters | string> {
  try {
    return await readTokenParameters(request);
  } catch (error) {
    if (error instanceof OAuthError) return error.code;
    throw error;
  }
}

/** Percent-encodes what need not be, too, as some clients do. */
const encoded = (text: string, everything: boolean, plus: boolean): string => {
  const once = everything
    ? [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    : encodeURIComponent(text);
  return plus ? once.replaceAll('%20', '+') : once;
};

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((one) => one.toWellFormed());
const unknown = text.filter((name) => !(NAMES as readonly string[]).includes(name));

describe('The parameters of the token endpoint', () => {
  it('are what a form holds of them, however it is encoded, whatever else it holds', async () => {
    const pair = (name: fc.Arbitrary<string>) =>
      fc.record({ name, value: text, everything: fc.boolean(), plus: fc.boolean() });
    const known = fc.uniqueArray(pair(fc.constantFrom(...NAMES)), { selector: ({ name }) => name });
    const pairs = fc.tuple(known, fc.array(pair(unknown), { maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(pairs, fc.nat(), async ([known, others], seed) => {
        const all = [...known, ...others].sort(
          (a, b) => ((a.name.length + seed) % 7) - ((b.name.length + seed) % 7),
        );
        const body = all
          .map(({ name, value, everything, plus }) =>
            [name, value].map((part) => encoded(part, everything, plus)).join('='),
          )
          .join('&');
        const sent = known.filter(({ value }) => value !== '');
        const expected = Object.fromEntries(sent.map(({ name, value }) => [name, value]));
        expect(await read(requestWith(body))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are refused where one of them is there twice, however it is spelt', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        text,
        text,
        fc.boolean(),
        fc.boolean(),
        async (name, first, second, hidden, bare) => {
          const again = bare
            ? name
            : `${encoded(name, hidden, false)}=${encoded(second, false, true)}`;
          const body = `${name}=${encoded(first, false, false)}&x=1&x=2&${again}`;
          expect(await read(requestWith(body))).toBe('invalid_request');
        },
      ),
    );
  });

  it('are parameters or a refusal, whatever bytes come', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '&',
        '=',
        '%',
        '+',
        '%4',
        '%zz',
        '%ff',
        '%C3%A9',
        '%00',
        'client_id',
        '\ufeff',
      ),
      text,
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const found = await read(requestWith(body));
        if (typeof found === 'string') {
          expect(found).toBe('invalid_request');
          return;
        }
        const lenient = [...new URLSearchParams(`&${Buffer.from(body).toString()}`)];
        const known = lenient.filter(
          ([name, value]) => (NAMES as readonly string[]).includes(name) && value !== '',
        );
        expect(found).toEqual(Object.fromEntries(known));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a percent sign alone', 'client_secret=100%'],
    ['digits that are none', 'client_secret=%zz'],
    ['bytes that are no UTF-8, encoded', 'client_secret=%ff'],
    ['half a character, encoded', 'x=%C3'],
    ['a name that is encoded wrongly', '%=x'],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x3d, 0xff])],
  ])('are refused for %s', async (_, body) => {
    expect(await read(requestWith(body))).toBe('invalid_request');
  });

  it.each([
    FORM,
    `${FORM}; charset=utf-8`,
    `${FORM};charset=iso-8859-1;x`,
    'Application/X-WWW-Form-URLencoded ',
  ])('are read of the content type %s', async (type) => {
    expect(await read(requestWith('client_id=x', { type }))).toEqual({ client_id: 'x' });
  });

  it.each([
    '',
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    `${FORM}x`,
    `x, ${FORM}`,
  ])('are refused of the content type %j', async (type) => {
    expect(await read(requestWith('client_id=x', { type }))).toBe('invalid_request');
  });

  it.each(NAMES.filter((name) => name !== 'scope').concat('access_token' as never))(
    'are refused where the URL holds %s',
    async (name) => {
      for (const query of [
        `${name}=x`,
        `a=b&${name}`,
        `%${name.charCodeAt(0).toString(16)}${name.slice(1)}=`,
      ]) {
        const url = `/oauth/token?${query}`;
        expect([query, await read(requestWith('client_id=x', { url }))]).toEqual([
          query,
          'invalid_request',
        ]);
      }
    },
  );

  it.each(['aadOptscim062020', 'scope=x', '%', 'x=%ff&x=1', ''])(
    'are read where the URL holds %j',
    async (query) => {
      const url = `/oauth/token?${query}`;
      expect(await read(requestWith('client_id=x', { url }))).toEqual({ client_id: 'x' });
    },
  );

  it('are those of a parser that ran before, lists and objects excepted', async () => {
    const parsed = (body: object): IncomingRequest => ({
      url: '/',
      headers: { 'content-type': FORM },
      body,
    });
    expect(await read(parsed({ client_id: 'x', scope: '', other: ['y', 'z'] }))).toEqual({
      client_id: 'x',
    });
    for (const value of [['x'], ['x', 'y'], { x: 'y' }, 1, null]) {
      expect(await read(parsed({ client_id: value }))).toBe('invalid_request');
    }
  });
});
