import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseSecret } from '../src/secrets/scim-token.secret';

const ROOT = resolve(__dirname, '..');
const VALUES = /[a-z][a-z0-9]{1,20}_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/g;

/** Value-like texts of everything that is published but tests. */
function samples(): (readonly [path: string, value: string])[] {
  return execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && !path.startsWith('test/') && !path.endsWith('.spec.ts'))
    .flatMap((path) =>
      (readFileSync(resolve(ROOT, path), 'utf8').match(VALUES) ?? []).map(
        (value) => [path, value] as const,
      ),
    );
}

describe('Values that documentation shows', () => {
  it('have a wrong checksum, so that no secret scanner takes them for leaked ones', () => {
    const found = samples();
    expect(found.map(([path]) => path)).toContain('README.md');
    expect(found.filter(([, value]) => parseSecret(value) !== null)).toEqual([]);
  });
});
