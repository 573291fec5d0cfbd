import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASE_POOLER, DATABASE_SERVER } from '../support/test-database';
import { PgBouncer } from './support/pgbouncer';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly message: string }[];
}

const ROOT = join(__dirname, '../..');
/** Twice what it takes: a run that hangs ends here, with what it said. */
const RUN_LIMIT_MS = 9 * 60_000;
const CLEAN_UP_MS = 30_000;

describe('The whole e2e suite', () => {
  let pooler: PgBouncer;
  let folder: string;

  beforeAll(async () => {
    pooler = await PgBouncer.before(process.env[DATABASE_SERVER] ?? '');
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-report-'));
  });
  afterAll(async () => {
    await pooler.end();
    rmSync(folder, { recursive: true });
  });

  it(
    'passes through PgBouncer in transaction mode',
    async () => {
      const file = join(folder, 'report.json');
      const { code, output } = await runSuite(file);
      if (code === null) throw new Error(`The run did not end:\n${output}`);
      const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
      const failures = report.testResults.filter(({ message }) => message !== '');
      expect(failures.map(({ name, message }) => `${name}\n${message}`)).toEqual([]);
      expect(report.numFailedTests + report.numRuntimeErrorTestSuites).toBe(0);
      expect(report.numPassedTests).toBeGreaterThan(400);
    },
    RUN_LIMIT_MS + CLEAN_UP_MS,
  );

  /** Runs the suite as a process of its own; its code is null where it had to be killed. */
  async function runSuite(file: string): Promise<{ code: number | null; output: string }> {
    const child = spawn(
      process.execPath,
      [
        join(ROOT, 'node_modules/jest/bin/jest.js'),
        ...['--selectProjects', 'e2e', '--testPathPatterns', 'test/e2e'],
        ...['--forceExit', '--json', `--outputFile=${file}`],
      ],
      {
        cwd: ROOT,
        env: { ...process.env, [DATABASE_POOLER]: String(pooler.port) },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: RUN_LIMIT_MS,
        killSignal: 'SIGKILL',
      },
    );
    let output = '';
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, output };
  }
});
