import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DATABASE_SERVER } from '../support/test-database';
import { treeWithTypeOrm } from './support/other-typeorm';

const run = promisify(execFile);
/**
 * What tells nothing new where the TypeORM alone differs, the other pairs having run it: it is about bytes, processes,
 * documents and wiring.
 */
const WITHOUT_STATEMENTS =
  'cli|cost-of-input|docs|embedded-postgres|errors|floods|foreign-host|fuzz|guarded-routes|host-authentication|' +
  'host-bodies|host-interceptors|jwt|oauth-requests|openapi|package|process|registration|scim-server-schema|validation';
/** The lowest and the highest Node, with the lowest and the highest TypeORM 0.3, and the lowest 1: `npm test` has the highest. */
const PAIRS: readonly (readonly [node: string, typeorm: string, leftOut: string | null])[] = [
  ['20.19.0', '0.3.0', null],
  ['24', '0.3', WITHOUT_STATEMENTS],
  ['24', '1.0.0', null],
];
const SUITE_TIMEOUT_MS = 20 * 60_000;

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly name: string; readonly message: string }[];
}

describe('The end-to-end tests pass', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-node-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(PAIRS)(
    'on Node %s with TypeORM %s',
    async (version, typeorm, leftOut) => {
      const cwd = join(folder, typeorm);
      await treeWithTypeOrm(typeorm, cwd);
      const node = [
        '--yes',
        '--ignore-scripts=false',
        '--package',
        `node@${version}`,
        '--',
        'node',
      ];
      const { stdout } = await run('npx', [...node, '--version'], { cwd });
      expect(stdout.trim()).toMatch(new RegExp(`^v${version.replaceAll('.', '\\.')}(\\.|$)`));
      const report = join(cwd, 'report.json');
      const jest = join(cwd, 'node_modules/jest/bin/jest.js');
      const options = ['--selectProjects', 'e2e', '--silent', '--json', '--outputFile', report];
      if (leftOut !== null) options.push('--testPathIgnorePatterns', `/(${leftOut})\\.e2e-spec`);
      // Without our server: its template was migrated by another TypeORM.
      const { [DATABASE_SERVER]: _, ...env } = process.env;
      const failure: unknown = await run('npx', [...node, jest, ...options], {
        cwd,
        env,
        maxBuffer: 2 ** 28,
      }).then(
        () => null,
        (error: unknown) => error,
      );
      const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
      const failures = testResults.filter(({ message }) => message !== '');
      expect(failures.map(({ name, message }) => `${name}\n${message}`)).toEqual([]);
      expect(numPassedTests).toBeGreaterThan(100);
      expect(failure).toBeNull();
      rmSync(cwd, { recursive: true });
    },
    SUITE_TIMEOUT_MS,
  );
});
