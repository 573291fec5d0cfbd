import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/free-port';
import { clientOf, JWT_SECRET, superAdmin, TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';

const ROOT = join(__dirname, '../..');
/** Of the image; here it comes from npm's package of that name. */
const NODE = '24';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** One stage of a Dockerfile, done by hand in an empty folder. */
interface Stage {
  readonly folder: string;
  readonly env: Record<string, string>;
  user: string | null;
  health: string[];
  command: string[];
}

function instructions(): Instruction[] {
  return readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.trim().split(/\s+/);
      return { name, text: rest.join(' ') };
    });
}

/** Whether the engine would be given the file: all is ignored but what stands in .dockerignore with a "!". */
function isInContext(path: string): boolean {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const [first = ''] = path.split('/');
  const isKept = lines[0] === '*' && lines.includes(`!${first}`);
  return isKept && (!lines.includes(`${first}/*`) || lines.includes(`!${path}`));
}

describe('The Dockerfile, its steps done by hand', () => {
  let work: string;
  let database: PostgresServer;
  let child: ChildProcess | null = null;

  beforeAll(async () => {
    work = mkdtempSync('/var/tmp/scim-tokens-image-');
    database = await PostgresServer.create();
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await database.remove();
    rmSync(work, { recursive: true, force: true });
  });

  function build(nodeBin: string): Stage {
    const stages = new Map<string, Stage>();
    let stage: Stage | undefined;
    for (const { name, text } of instructions()) {
      if (name === 'FROM') {
        expect(text).toMatch(/^node:24-/);
        const folder = join(work, `stage-${stages.size}`);
        mkdirSync(folder);
        stage = {
          folder,
          env: { PATH: `${nodeBin}:${process.env.PATH ?? ''}` },
          user: null,
          health: [],
          command: [],
        };
        stages.set(/ AS (\S+)$/.exec(text)?.[1] ?? 'last', stage);
      } else if (stage) step(stages, stage, { name, text });
    }
    if (!stage) throw new Error('No stage');
    return stage;
  }

  function step(stages: Map<string, Stage>, stage: Stage, { name, text }: Instruction): void {
    const { folder, env } = stage;
    if (name === 'ENV') {
      for (const pair of text.split(' ')) {
        const [key = '', value = ''] = pair.split('=');
        env[key] = value;
      }
    } else if (name === 'COPY') {
      const from = /^--from=(\S+) \/app\/(\S+) \.\/(\S+)$/.exec(text);
      if (from) {
        const [, source = '', path = '', target = ''] = from;
        cpSync(join(stages.get(source)?.folder ?? '', path), join(folder, target), {
          recursive: true,
          verbatimSymlinks: true,
        });
        return;
      }
      const paths = text.split(' ');
      const target = paths.pop() ?? '';
      for (const path of paths) {
        expect([path, isInContext(path)]).toEqual([path, true]);
        const name = target.endsWith('/') ? basename(path) : '';
        cpSync(join(ROOT, path), join(folder, target, name), { recursive: true });
      }
    } else if (name === 'RUN') {
      const { status, stderr } = spawnSync('sh', ['-c', text], {
        cwd: folder,
        // npm's own settings, as the machine has them.
        env: { ...process.env, NODE_ENV: undefined, ...env },
        encoding: 'utf8',
      });
      expect([text, status, status === 0 ? '' : stderr]).toEqual([text, 0, '']);
    } else if (name === 'USER') stage.user = text;
    else if (name === 'HEALTHCHECK') {
      stage.health = JSON.parse(text.slice(text.indexOf('['))) as string[];
    } else if (name === 'CMD') stage.command = JSON.parse(text) as string[];
    else expect(['WORKDIR', 'EXPOSE']).toContain(name);
  }

  it('give a service on Node 24 that is no root, writes nothing, is healthy and stops when told', async () => {
    const tools = join(work, 'tools');
    mkdirSync(tools);
    execFileSync(
      'npm',
      [
        ...[
          'install',
          '--prefix',
          tools,
          '--no-audit',
          '--no-fund',
          '--no-save',
          '--ignore-scripts',
        ],
        `node-linux-${process.arch}@${NODE}`,
      ],
      { stdio: 'ignore' },
    );
    const nodeBin = join(tools, 'node_modules', `node-linux-${process.arch}`, 'bin');
    const version = execFileSync(join(nodeBin, 'node'), ['--version'], { encoding: 'utf8' });
    expect(version).toMatch(/^v24\./);

    const image = build(nodeBin);
    expect(image.user).toBe('1000:1000');
    expect(existsSync(join(image.folder, 'src'))).toBe(false);
    expect(existsSync(join(image.folder, 'node_modules', 'jest'))).toBe(false);
    execFileSync('chmod', ['-R', 'a+rX', work]);

    const port = String(await freePort());
    const env = {
      ...image.env,
      PORT: port,
      PUBLIC_URL: 'https://scim.example.com',
      DATABASE_URL: database.url,
      JWT_SECRET,
    };
    const as = { cwd: image.folder, env, uid: 1000, gid: 1000 };
    const before = statSync(image.folder).mtimeMs;
    const [program = '', ...args] = image.command;
    child = spawn(program, args, { ...as, stdio: ['ignore', 'pipe', 'pipe'] });
    const healthy = (): boolean => {
      const [, node = '', ...check] =
        image.health.at(0) === 'CMD' ? image.health : ['', ...image.health];
      return spawnSync(node, check, as).status === 0;
    };
    const deadline = Date.now() + 90_000;
    while (!healthy()) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error('Not healthy');
      await delay(200);
    }
    const admin = clientOf(`http://127.0.0.1:${port}`, superAdmin());
    await admin.post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }).expect(201);
    expect(statSync(image.folder).mtimeMs).toBe(before);

    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(healthy()).toBe(false);
  });
});
