import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveDocument } from '../../src/service/openapi/document';
import { runDocs } from '../../tools/docs/docs';
import { GUIDE_LINKS } from '../../tools/docs/page-links';
import { heard, runHere } from '../support/command';

const SPEC = {
  openapi: '3.1.0',
  info: { title: 'x', version: '1' },
  paths: {
    '/a': { get: { tags: ['First'], responses: { 200: { description: 'ok' } } } },
    '/b': { get: { tags: ['Second'], responses: { 200: { description: 'ok' } } } },
  },
};
const LINKS = { scopes: { text: 'What scopes are', href: 'scopes.md' } };

const docsHere = (...args: string[]) => heard(() => runDocs(args));

describe('The generator of the reference pages, and the command openapi', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-docs-'));
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const spec = file('spec.json', SPEC);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes the page of the endpoint group that is asked for, with its links', async () => {
    const links = file('links.json', LINKS);
    const first = await docsHere('--spec', spec);
    expect([first.code, first.stdout.includes('`/a`'), first.stdout.includes('`/b`')]).toEqual([
      0,
      true,
      false,
    ]);
    const out = join(folder, 'pages', 'second.md');
    const options = ['--tag', 'Second', '--links', links, '--out', out];
    expect(await docsHere('--spec', spec, ...options)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const page = readFileSync(out, 'utf8');
    expect([page.includes('`/a`'), page.includes('`/b`')]).toEqual([false, true]);
    expect(page).toContain('[What scopes are](scopes.md)');
  });

  it.each([
    ['a group that is not there', () => ['--spec', spec, '--tag', 'Third'], 'only First, Second'],
    [
      'no OpenAPI document',
      () => ['--spec', file('other.json', {})],
      'other.json: is not an OpenAPI',
    ],
    ['no JSON', () => ['--spec', file('text.json', 'x')], 'text.json: Unexpected token'],
    ['no file', () => ['--spec', join(folder, 'gone.json')], 'gone.json: ENOENT'],
  ])('ends with 1 and names the file where it gets %s', async (_, args, said) => {
    const { code, stdout, stderr } = await docsHere(...args());
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(said)]);
  });

  it.each([
    [['--tag', 'x'], '--tag needs --spec'],
    [['--check', '--spec', 'x.json'], '--check goes without --spec'],
    [['--chek'], 'Did you mean --check?'],
  ])('answers %j with exit code 2, and names what would be right', async (args, said) => {
    const { code, stdout, stderr } = await docsHere(...args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
  });

  it('makes of our own document the pages that are committed, but for their links', async () => {
    for (const [tag, name] of [
      ['SCIM Tokens', 'scim-tokens'],
      ['SCIM Token Lifecycle', 'scim-token-lifecycle'],
    ] as const) {
      const links = file('guide.json', GUIDE_LINKS);
      const { stdout } = await docsHere('--spec', 'openapi.json', '--tag', tag, '--links', links);
      expect(stdout).toBe(readFileSync(`docs/reference/api/${name}.md`, 'utf8'));
    }
  });

  it('writes the document to a file', async () => {
    const out = join(folder, 'document.json');
    expect(await runHere(['openapi', '--out', out], {})).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(await liveDocument());
  });

  it('writes the reference pages, and later names the one that is stale and leaves it', async () => {
    const docs = (...args: string[]) => heard(() => runDocs(args, folder));
    const written = await docs();
    expect([written.code, written.stdout.split('\n')]).toEqual([
      0,
      expect.arrayContaining(['Wrote openapi.json', 'Wrote docs/reference/command-line.md']),
    ]);
    const stale = join('docs', 'reference', 'command-line.md');
    file(stale, 'old');
    expect(await docs('--check')).toEqual({
      code: 1,
      stdout: '',
      stderr: `${stale} is stale: run \`npm run docs\`\n`,
    });
    expect(readFileSync(join(folder, stale), 'utf8')).toBe('old');
  });
});
