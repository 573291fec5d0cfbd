import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../support/free-port';

const ROOT = join(__dirname, '../../..');
/** The documentation's own address of a service; another one may listen there. */
const DOCUMENTED = '127.0.0.1:3000';
const START_TIMEOUT_MS = 180_000;

/** A service that a documented command started. */
export interface StartedService {
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Someone with a fresh copy of the repository, who types what the documentation says. */
export class Newcomer {
  private constructor(
    readonly folder: string,
    readonly url: string,
  ) {}

  /** Everything that git tracks or would add, as a clone of it would hold it. */
  static async arrive(): Promise<Newcomer> {
    const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-newcomer-'));
    const copy = 'git ls-files -z -co --exclude-standard | tar -c --null -T - | tar -x -C "$0"';
    execFileSync('bash', ['-c', copy, folder], { cwd: ROOT });
    return new Newcomer(folder, `http://127.0.0.1:${await freePort()}`);
  }

  /** Runs commands as they are written, until one fails, which rejects. */
  async type(
    commands: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)('bash', ['-euo', 'pipefail', '-c', this.here(commands)], {
      cwd: this.folder,
      env: { ...this.environment(), ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  /** Runs a command that goes on, such as `npm start`, and waits until its service is ready. */
  async start(
    command: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<StartedService> {
    const chunks: Buffer[] = [];
    const child = spawn('bash', ['-c', this.here(command)], {
      cwd: this.folder,
      env: { ...this.environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => chunks.push(data));
    }
    const output = (): string => Buffer.concat(chunks).toString();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`It did not start:\n${output()}`);
      }
    }
    return {
      output,
      stop: async () => {
        if (child.exitCode !== null) return;
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        await closed;
      },
    };
  }

  leave(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private here(commands: string): string {
    return commands.replaceAll(DOCUMENTED, new URL(this.url).host);
  }

  private environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return { PATH, HOME, PORT: new URL(this.url).port, PUBLIC_URL: this.url };
  }
}

async function isReady(url: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
