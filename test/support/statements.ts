import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** Environment variable by which the workers find the folder that a run's statements are kept in. */
const FOLDER = 'TEST_STATEMENTS';

/** Makes the folder, unless this is a run within a run. */
export function startCollecting(): void {
  if (process.env[FOLDER] !== undefined) return;
  globalThis.statements = process.env[FOLDER] = mkdtempSync(join(tmpdir(), 'scim-tokens-sql-'));
}

/** The texts that were sent, each once, and an end of it; null in a run within a run. */
export function collected(): Set<string> | null {
  const folder = globalThis.statements;
  if (folder === undefined) return null;
  const lines = readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1),
  );
  rmSync(folder, { recursive: true });
  return new Set(lines.map((line) => JSON.parse(line) as string));
}

/** Keeps what this process sends from now on, of what may be about our tables. */
export function collect(): void {
  const folder = process.env[FOLDER];
  if (folder === undefined) throw new Error('The run has no folder for its statements');
  const file = join(folder, String(process.pid));
  const seen = new Set<string>();
  const send = Reflect.get(Client.prototype, 'query') as (...sent: unknown[]) => unknown;
  const query = function (this: Client, ...sent: unknown[]): unknown {
    const [first] = sent;
    const text = typeof first === 'string' ? first : (Object(first) as { text?: unknown }).text;
    if (typeof text === 'string' && !seen.has(text) && text.includes('scim_token')) {
      seen.add(text);
      appendFileSync(file, `${JSON.stringify(text)}\n`);
    }
    return send.apply(this, sent);
  };
  Object.defineProperty(Client.prototype, 'query', { value: query });
}
