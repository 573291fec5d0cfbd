import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../support/free-port';
import { createEmptyDatabase } from '../../support/test-database';
import { until } from '../../support/until';

const START_TIMEOUT_MS = 60_000;
export const SECRET = 'host-secret-of-thirty-two-bytes-or-more';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type Call = (
  method: string,
  path: string,
  bearer?: string | null,
  body?: object,
) => Promise<Answer>;

export interface Host {
  /** Holds `dist/main.js` and what it needs. */
  folder: string;
  /** The value of SCIM_TOKENS: `off`, or a way to register the module. */
  mode: string;
  /** A path that is answered once the host listens. */
  up: string;
  /** Sent with a call that has no bearer. */
  anonymous?: Record<string, string>;
}

/** Runs an installed host over an empty database for as long as `look` takes. */
export async function withHost<Result>(
  host: Host,
  look: (call: Call) => Promise<Result>,
): Promise<Result> {
  const database = await createEmptyDatabase();
  try {
    return await withHostOver(database.url, host, look);
  } finally {
    await database.drop();
  }
}

/** The same over a database that stays. */
export async function withHostOver<Result>(
  DATABASE_URL: string,
  { folder, mode, up, anonymous = {} }: Host,
  look: (call: Call) => Promise<Result>,
): Promise<Result> {
  const port = await freePort();
  const own = { DATABASE_URL, JWT_SECRET: SECRET, PORT: String(port), SCIM_TOKENS: mode };
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...own },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => output.push(data));
  }
  const call = caller(`http://127.0.0.1:${port}`, anonymous);
  try {
    await until(async () => {
      if (child.exitCode !== null) {
        throw new Error(`The host did not start:\n${Buffer.concat(output).toString()}`);
      }
      return call('GET', up).then(
        () => true,
        () => false,
      );
    }, START_TIMEOUT_MS);
    return await look(call);
  } finally {
    const exited = once(child, 'exit');
    if (child.kill('SIGTERM')) await exited;
  }
}

function caller(base: string, anonymous: Record<string, string>): Call {
  return async (method, path, bearer = null, body) => {
    const isForm = body instanceof URLSearchParams;
    const answer = await fetch(base + path, {
      method,
      headers: {
        ...(bearer === null ? anonymous : { authorization: `Bearer ${bearer}` }),
        ...(body && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
    const { date: _, ...headers } = Object.fromEntries(answer.headers);
    return { status: answer.status, headers, body: await answer.text() };
  };
}
