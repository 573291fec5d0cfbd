import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type CommandResult, runProgram } from '../../support/command';
import { freePort } from '../../support/free-port';
import { JWT_SECRET } from '../../support/test-app';

const ROOT = join(__dirname, '../../..');
const EXAMPLE = join(ROOT, 'examples/scim-server');
const START_TIMEOUT_MS = 40_000;
const run = promisify(execFile);

/** The example, installed from our tarball and compiled in a folder of its own. */
export interface InstalledExample {
  /** @param variables beside those that it needs */
  start(databaseUrl: string, variables?: Record<string, string>): Promise<ScimServer>;
  /** Runs the example's own tests; rejects where one fails. */
  test(): Promise<void>;
  /** Asks a server for OneLogin, by the command of the tarball alone, installed without peer dependencies. */
  conformance(base: string, token: string): Promise<CommandResult>;
  remove(): void;
}

/** A process of the example. */
export interface ScimServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Does what the example's README says, far from the repository. */
export async function installExample(): Promise<InstalledExample> {
  const folder = mkdtempSync(join(tmpdir(), 'scim-server-'));
  const app = join(folder, 'app');
  cpSync(EXAMPLE, app, {
    recursive: true,
    filter: (source) => !/\/(node_modules|dist)$/.test(source),
  });
  await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', folder], { cwd: ROOT });
  const { name, version } = (await import(join(ROOT, 'package.json'))) as {
    name: string;
    version: string;
  };
  const tarball = join(folder, `${name}-${version}.tgz`);
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball], {
    cwd: app,
  });
  await run('npm', ['run', 'build'], { cwd: app });
  return {
    start: (databaseUrl, variables = {}) => start(app, databaseUrl, variables),
    test: async () => {
      await run('npm', ['test'], { cwd: app });
    },
    conformance: async (base, token) => {
      const alone = join(folder, 'alone');
      mkdirSync(alone);
      await run(
        'npm',
        ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts', tarball],
        { cwd: alone },
      );
      expect(existsSync(join(alone, 'node_modules/@nestjs'))).toBe(false);
      const command = `npx nest-scim-tokens conformance --url ${base} --token-file token.txt --provider onelogin`;
      writeFileSync(join(alone, 'token.txt'), token);
      return runProgram('bash', ['-c', `cd ${alone} && ${command}`], { HOME: folder });
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(
  app: string,
  databaseUrl: string,
  variables: Record<string, string>,
): Promise<ScimServer> {
  const port = await freePort();
  const output: Buffer[] = [];
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: app,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      JWT_SECRET,
      SCIM_TOKEN_PEPPER: 'slow-pepper-of-thirty-two-bytes-or-more',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => output.push(data));
  }
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The example did not start:\n${Buffer.concat(output).toString()}`);
    }
    await delay(50);
  }
  return { url, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
