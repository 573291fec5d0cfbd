import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port';

const ROOT = join(__dirname, '../..');
const START_TIMEOUT_MS = 60_000;

/** The built service in a process of its own, as `npm start` runs it. */
export interface ServiceProcess {
  url: string;
  child: ChildProcess;
  output: () => string;
  /** Ends it with a signal and answers its exit code, null where the signal killed it. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** What runs the service. */
export interface Launch {
  /** Node alone, or npm around it. */
  readonly by?: 'node' | 'npm';
  /** Whether it has a process group of its own; it then outlives a test that is interrupted. */
  readonly detached?: boolean;
}

/** Starts the service and waits until it is ready. */
export async function startService(
  env: Record<string, string>,
  launch: Launch = {},
): Promise<ServiceProcess> {
  const port = await freePort();
  const { child, output } = spawnService({ ...env, PORT: String(port) }, launch);
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The service did not start:\n${output()}`);
    }
    await delay(50);
  }
  return {
    url,
    child,
    output,
    end: async (signal) => {
      // Not with its exit, after which what it wrote last may still be to come.
      const closed = once(child, 'close') as Promise<[number | null]>;
      child.kill(signal);
      return (await closed)[0];
    },
  };
}

/** Runs the service where its start is expected to fail. */
export async function runToExit(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { child, output } = spawnService(env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** Starts the service. */
export function spawnService(
  env: Record<string, string>,
  { by = 'node', detached = false }: Launch = {},
): { child: ChildProcess; output: () => string } {
  const chunks: Buffer[] = [];
  const [command, ...args] =
    by === 'npm' ? ['npm', 'start'] : [process.execPath, join(ROOT, 'dist/main.js')];
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => chunks.push(data));
  }
  return { child, output: () => Buffer.concat(chunks).toString() };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
}
