import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { exports as entryPoints } from '../../package.json';

const ROOT = resolve(__dirname, '../..');

/** What `npm pack` would put in. */
function packed(): string[] {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [report] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' })) as [
    { files: { path: string }[] },
  ];
  return report.files.map(({ path }) => path);
}

/** The declarations that one file names, by what it imports and what those import in turn. */
function reachedFrom(start: string, all: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>();
  const read = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const text = readFileSync(resolve(ROOT, path), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) {
      const target = posix.join(posix.dirname(path), name);
      read(all.has(`${target}/index.d.ts`) ? `${target}/index.d.ts` : `${target}.d.ts`);
    }
  };
  read(start);
  return reached;
}

describe('The package', () => {
  beforeAll(() => {
    const build = "require('./scripts/ensure-built').ensureBuilt({ declarations: true })";
    execFileSync(process.execPath, ['-e', build], { cwd: ROOT, stdio: 'inherit' });
  });

  it('holds the declarations that a host can reach, and no others', () => {
    const declarations = packed().filter((path) => path.endsWith('.d.ts'));
    const entries = [entryPoints['.'].types, entryPoints['./setup-client'].types];
    const all = new Set(declarations);
    const reached = new Set(
      entries.flatMap((entry) => [...reachedFrom(posix.normalize(entry), all)]),
    );
    expect(declarations).toEqual(expect.arrayContaining([...reached]));
    // npm packs every file that is called as the one that `types` names.
    const others = declarations.filter((path) => !path.endsWith('/index.d.ts'));
    expect(others.filter((path) => !reached.has(path))).toEqual([]);
  });
});
