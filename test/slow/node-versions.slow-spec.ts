import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
/** The lowest Node of the supported range, and the highest. */
const NODES = ['20.19.0', '24'] as const;
const SUITE_TIMEOUT_MS = 20 * 60_000;

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
}

describe('The end-to-end tests pass', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-node-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(NODES)(
    'on Node %s',
    async (version) => {
      const node = [
        '--yes',
        '--ignore-scripts=false',
        '--package',
        `node@${version}`,
        '--',
        'node',
      ];
      const { stdout } = await run('npx', [...node, '--version'], { cwd: ROOT });
      expect(stdout.trim()).toMatch(new RegExp(`^v${version.replaceAll('.', '\\.')}(\\.|$)`));
      const report = join(folder, `report-${version}.json`);
      const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
      const options = ['--selectProjects', 'e2e', '--silent', '--json', '--outputFile', report];
      const failure: unknown = await run(
        'npx',
        [...node, jest, '--config', join(ROOT, 'jest.config.js'), ...options],
        {
          cwd: ROOT,
          maxBuffer: 2 ** 28,
        },
      ).then(
        () => null,
        (error: unknown) => error,
      );
      const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
        readFileSync(report, 'utf8'),
      ) as Report;
      expect({ numFailedTests, numFailedTestSuites }).toEqual({
        numFailedTests: 0,
        numFailedTestSuites: 0,
      });
      expect(numPassedTests).toBeGreaterThan(100);
      expect(failure).toBeNull();
    },
    SUITE_TIMEOUT_MS,
  );
});
