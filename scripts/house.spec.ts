import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');

/** Lines of a file; above this it has a second subject. */
const MOST_LINES = 250;

interface SourceFile {
  readonly path: string;
  readonly room: string | undefined;
  readonly lines: number;
}

const sources: readonly SourceFile[] = execFileSync('git', ['ls-files', 'src'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /(?<!\.spec)\.ts$/.test(path) && existsSync(join(ROOT, path)))
  .map((path) => ({
    path,
    room: /^src\/([^/]+)\//.exec(path)?.[1],
    lines: readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1,
  }));

const linesOf = (files: readonly SourceFile[]): number =>
  files.reduce((sum, { lines }) => sum + lines, 0);

const rooms = [...new Set(sources.flatMap(({ room }) => room ?? []))];

describe('The house', () => {
  it('stands on the map of CONTRIBUTING, room by room', () => {
    const map = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([\w-]+)\/`/g)])
      .map(([, room]) => room);
    expect(rooms.length).toBeGreaterThan(15);
    expect([...map].sort()).toEqual([...rooms].sort());
  });

  it('tells how a token is created in ten steps, by at most 25 files that are there', () => {
    const [, told = ''] =
      /### A token is created\n([^]*?)\n#/.exec(
        readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'),
      ) ?? [];
    expect(told.match(/^\d+\. /gm)).toHaveLength(10);
    const files = [...told.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path]) => `src/${path}`);
    expect(files.filter((file) => !sources.some(({ path }) => path === file))).toEqual([]);
    expect(files.length).toBeGreaterThan(15);
    expect(files.length).toBeLessThanOrEqual(25);
  });

  it('has what CONTRIBUTING says where it is', () => {
    const [, table = ''] =
      /### Where is …\?\n([^]*?)\n## /.exec(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')) ??
      [];
    const files = [...table.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path]) => `src/${path}`);
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((file) => !sources.some(({ path }) => path === file))).toEqual([]);
  });

  it('has no room that holds more than a fifth of it', () => {
    const most = linesOf(sources) / 5;
    const large = rooms.filter(
      (name) => linesOf(sources.filter(({ room }) => room === name)) > most,
    );
    expect(large).toEqual([]);
  });

  it('has no file that is too long to be one thought', () => {
    expect(sources.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
  });
});
