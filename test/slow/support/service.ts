import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/free-port';
import { JWT_SECRET, superAdmin, TOKENS } from '../../support/test-app';

const ROOT = join(__dirname, '../../..');
/** Milliseconds that a start may take. */
export const START_TIMEOUT_MS = 30_000;
/** Milliseconds without an answer after which there is none: a killed service may leave a request without a word. */
const ANSWER_TIMEOUT_MS = 20_000;

/** An answer to a request; a request without one rejects. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

/** The built service in a process of its own, which may be killed and started again under one URL. */
export class Service {
  private child: ChildProcess | null = null;
  private readonly chunks: Buffer[] = [];
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly env: Readonly<Record<string, string>>,
    readonly port: number,
  ) {}

  /** Builds where need be, starts, and waits until the service is ready. */
  static async start(env: Readonly<Record<string, string>>): Promise<Service> {
    execFileSync(process.execPath, ['-e', "require('./scripts/ensure-built').ensureBuilt()"], {
      cwd: ROOT,
    });
    const service = new Service(env, await freePort());
    await service.start();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts it (again), and waits until it is ready. */
  async start(): Promise<void> {
    await this.launch();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (Date.now() > deadline) throw new Error(`The service did not start:\n${this.output()}`);
      await delay(25);
    }
  }

  /** Starts it and keeps it started, as an orchestrator does, until it is ended. */
  async launch(): Promise<void> {
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'test',
        PORT: String(this.port),
        JWT_SECRET,
        SCIM_TOKEN_PEPPER: 'slow-pepper-of-thirty-two-bytes-or-more',
        RATE_LIMIT_PER_MINUTE: '0',
        LOG_LEVEL: 'warn',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => this.chunks.push(data));
    }
    this.child = child;
    child.once('exit', () => {
      if (this.child === child) void this.launch();
    });
    await once(child, 'spawn');
  }

  /** Ends it for good, and answers its exit code; null where the signal killed it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    this.child = null;
    if (!child) return null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await exited;
    return code;
  }

  /** Kills it; it is started again at once. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** What it has written so far. */
  output(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async isReady(): Promise<boolean> {
    return this.get('/health/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Milliseconds until it is ready, from now. */
  async untilReady(limitMs: number): Promise<number> {
    const began = Date.now();
    const written = this.output().length;
    while (!(await this.isReady())) {
      if (Date.now() - began > limitMs) {
        const said = await this.get('/health/ready').catch(String);
        throw new Error(
          `Not ready within ${limitMs} ms: ${JSON.stringify(said)}\n${this.output().slice(written)}`,
        );
      }
      await delay(20);
    }
    return Date.now() - began;
  }

  get<Body = Record<string, unknown>>(path: string, jwt = superAdmin()): Promise<Answer<Body>> {
    return this.call('GET', path, undefined, jwt);
  }

  /** Creates a token. */
  create(body: Record<string, unknown> = {}): Promise<Answer<{ id: string; token: string }>> {
    return this.call('POST', TOKENS, { name: 'x', tenant_id: 'tnt_a', ...body });
  }

  /** Sends a request over connections that are kept alive, and reads the whole answer. */
  call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    jwt = superAdmin(),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const content = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.agent,
          signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
          headers: {
            authorization: `Bearer ${jwt}`,
            ...(content && { 'content-type': 'application/json' }),
            'content-length': Buffer.byteLength(content),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (data: Buffer) => chunks.push(data));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Body,
            });
          });
        },
      );
      sent.once('error', reject);
      sent.end(content);
    });
  }
}
