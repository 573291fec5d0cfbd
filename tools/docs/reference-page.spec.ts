import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LINKS, parseLinks, type PageLinks } from './page-links';
import { pageTag, referencePage } from './reference-page';

const contract = (name: string): string =>
  readFileSync(join(__dirname, '../../test/contract', name), 'utf8');

const COMMAND = 'npm run docs';

/** Where the contract's page sends its readers. */
const CONTRACT_LINKS: PageLinks = {
  scopes: {
    text: 'Concepts → Tokens and scopes',
    href: '/docs/scaikey/concepts/tokens-and-scopes',
  },
  obtaining: {
    text: 'Reference → OAuth endpoints',
    href: '/docs/scaikey/reference/oauth-endpoints',
  },
};

/** A page about one operation. */
const pageOf = (operation: object, components: object = {}): string =>
  referencePage(
    { openapi: '3.1.0', paths: { '/x': { get: { tags: ['T'], ...operation } } }, components },
    { tag: 'T', command: COMMAND },
  );

const parameter = (schema: object, more: object = {}): string =>
  pageOf({ parameters: [{ name: 'p', in: 'query', schema, ...more }] })
    .split('\n')
    .filter((line) => line.startsWith('| `p`'))
    .join('\n');

describe('referencePage', () => {
  it("is the contract's page byte for byte, but for the command", () => {
    const page = referencePage(JSON.parse(contract('seed-openapi.json')) as object, {
      tag: 'SCIM Tokens',
      command: COMMAND,
      links: CONTRACT_LINKS,
    });
    expect(page).toBe(contract('reference-page.md').replace('_generate_api_reference.py', COMMAND));
  });

  it.each([
    [{ type: 'string' }, '`string`'],
    [{}, '_any_'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, '`integer` \\| `null`'],
    [{ type: 'array', items: { type: 'integer' } }, 'array of `integer`'],
    [{ type: 'object' }, 'object'],
    [{ $ref: '#/components/schemas/None' }, '`None`'],
  ])('writes the type of %j', (schema, type) => {
    expect(parameter(schema)).toBe(`| \`p\` | query | no | ${type} |  |`);
  });

  it('keeps what people write from breaking a table', () => {
    const row = parameter({ type: 'string' }, { required: true, description: 'a | b\nc' });
    expect(row).toBe('| `p` | query | yes | `string` | a \\| b c |');
  });

  it('defines every schema that is referred to, however deep and round about', () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const page = pageOf(
      {
        responses: {
          200: { description: 'OK', content: { 'application/json': { schema: ref('A') } } },
        },
      },
      {
        schemas: {
          A: { type: 'object', properties: { b: { type: 'array', items: ref('B') } } },
          B: { type: 'object', required: ['a'], properties: { a: ref('A') } },
          Unused: { type: 'object' },
        },
      },
    );
    expect(page).toContain('`application/json` → [`A`](#schema-a)');
    expect(page).toContain('| `b` | array of [`B`](#schema-b) | no |  |');
    expect(page).toContain('| `a` | [`A`](#schema-a) | yes |  |');
    expect(page).not.toContain('Unused');
  });

  it('shows examples where the document has them, as they are sent', () => {
    const media = (type: string, more: object) => ({
      content: { [type]: { schema: {}, ...more } },
    });
    const document = {
      paths: {
        '/x': {
          post: {
            tags: ['T'],
            requestBody: media('application/x-www-form-urlencoded', {
              example: { a: 'b c', n: 1 },
            }),
            responses: {
              200: media('application/json', {
                examples: { one: { summary: 'The usual', value: { ok: true } }, gone: {} },
              }),
              201: media('application/x-ndjson', { example: '{"n":1}\n' }),
              204: { description: 'Nothing' },
              400: media('application/json', { example: { detail: 'No' } }),
            },
          },
        },
      },
    };
    const blocks = referencePage(document, { tag: 'T', command: COMMAND })
      .split('\n\n')
      .filter((block) => /^(\*\*Example|```)/.test(block));
    expect(blocks).toEqual([
      '**Example request**:',
      '```text\na=b+c&n=1\n```',
      '**Example response `200`** (The usual):',
      '```json\n{\n  "ok": true\n}\n```',
      '**Example response `201`**:',
      '```text\n{"n":1}\n```',
    ]);
  });

  it('takes what a document leaves out as left out', () => {
    expect(() => pageOf({})).not.toThrow();
    expect(pageOf({})).toContain('### **GET** `/x`');
    expect(() => referencePage({}, { tag: 'T', command: COMMAND })).not.toThrow();
  });

  it('is about the usual group, else the first one', () => {
    const tagged = (...tags: string[]): object => ({ paths: { '/x': { get: { tags } } } });
    expect(pageTag(tagged('Other', 'SCIM Tokens'))).toBe('SCIM Tokens');
    expect(pageTag(tagged('Other'))).toBe('Other');
  });
});

describe('parseLinks', () => {
  it('keeps the default of a link that is left out', () => {
    const scopes = { text: 'Scopes', href: '/scopes' };
    expect(parseLinks({ scopes })).toEqual({ ...DEFAULT_LINKS, scopes });
  });

  it.each([[[]], [{ other: 1 }], [{ scopes: { text: 'x' } }], [{ obtaining: 'x' }]])(
    'refuses %j',
    (json) => {
      expect(() => parseLinks(json)).toThrow();
    },
  );
});
