import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/free-port';

const GUIDE = join(__dirname, '../../../docs/guides/reverse-proxy.md');
const START_TIMEOUT_MS = 60_000;

/** What the guide leaves to its readers. */
export interface NginxSettings {
  /** Host and port of our service. */
  readonly service: string;
  /** Host and port of the SCIM server. */
  readonly scimServer: string;
  readonly secret: string;
}

/** A real nginx with the guide's configuration, on loopback. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly chunks: Buffer[],
    readonly port: number,
  ) {}

  static async start(settings: NginxSettings): Promise<Nginx> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-nginx-'));
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, mainConfiguration(guideConfiguration(port, settings)));
    const child = spawn('/usr/sbin/nginx', ['-e', 'stderr', '-p', folder, '-c', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const nginx = new Nginx(child, folder, [], port);
    child.stderr.on('data', (data: Buffer) => nginx.chunks.push(data));
    await nginx.untilReady();
    return nginx;
  }

  /** What it has written to its error log so far. */
  output(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isListening(this.port))) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        await this.end();
        throw new Error(`nginx did not start:\n${this.output()}`);
      }
      await delay(25);
    }
  }
}

/** The guide's code block with the test's addresses. */
function guideConfiguration(port: number, settings: NginxSettings): string {
  const block = /```nginx\n([^]*?)```/.exec(readFileSync(GUIDE, 'utf8'))?.[1] ?? '';
  const values: [string, string][] = [
    ['server 127.0.0.1:3000;', `server ${settings.service};`],
    ['server 127.0.0.1:8000;', `server ${settings.scimServer};`],
    ['listen 127.0.0.1:8080;', `listen 127.0.0.1:${port};`],
    ['"SCIM_VERIFY_SECRET"', `"${settings.secret}"`],
  ];
  return values.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`The guide must have once: ${from}`);
    return text.replace(from, () => to);
  }, block);
}

function mainConfiguration(http: string): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${kind};`,
  );
  return `${user} daemon off; pid nginx.pid; worker_processes 1;
events { }
http {
access_log off;
${folders.join('\n')}
${http}
}
`;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
