import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_EXTRAS } from '../src/core/scim-tokens.options';

const ROOT = join(__dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** What a pattern's first group finds in the sources below a folder, or in those that hold a text. */
function inSources(folder: string, pattern: RegExp, holding = ''): string[] {
  const paths = execFileSync('git', ['ls-files', folder], { cwd: ROOT, encoding: 'utf8' });
  const found = paths
    .split('\n')
    .filter((path) => /(?<!\.spec)\.ts$/.test(path))
    .map(read)
    .filter((source) => source.includes(holding))
    .flatMap((source) => [...source.matchAll(pattern)].map(([, name = '']) => name));
  return [...new Set(found)];
}

describe('What users look up by its name', () => {
  it('each variable of the service stands in README and in .env.example', () => {
    // The last argument of a schema's line.
    const line = /(?<=[(,]\s*)'([A-Z][A-Z_]+)'(?:,\s*)?\)/g;
    const variables = ['src/module/options', 'src/service/config'].flatMap((folder) =>
      inSources(folder, line),
    );
    expect(variables.length).toBeGreaterThan(40);
    const [readme, example] = [read('README.md'), read('.env.example')];
    expect(variables.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(variables.filter((name) => !example.includes(`#${name}=`))).toEqual([]);
  });

  it('each option of the module stands in the guide to embedding', () => {
    const options = [
      ...inSources('src/core/scim-tokens.options.ts', /^ {2}abstract readonly (\w+)/gm),
      ...Object.keys(DEFAULT_EXTRAS),
    ];
    expect(options.length).toBeGreaterThan(30);
    const guide = read('docs/guides/embedding.md');
    expect(options.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  it('each error stands in README by its text', () => {
    const texts = inSources('src/core/errors.ts', /super\(\s*(?:\d+, )?'([^']+)'/g);
    expect(texts.length).toBeGreaterThan(15);
    const readme = read('README.md');
    expect(texts.filter((text) => !readme.includes(`\`${text}\``))).toEqual([]);
  });

  it('each metric stands in the page on telemetry', () => {
    const metrics = inSources('src', /(?:gauge\(|name:)\s*'(\w+)'/g, 'prom-client');
    expect(metrics.length).toBeGreaterThan(12);
    const page = read('docs/guides/telemetry.md');
    const isTold = (name: string): boolean =>
      page.includes(`\`${name}\``) || page.includes(`\`${name.replace('database_pool', '')}\``);
    expect(metrics.filter((name) => !isTold(name))).toEqual([]);
  });
});
