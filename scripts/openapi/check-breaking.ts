/** Holds openapi.json against the last released document: `npm run openapi:breaking`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { breakingChanges, type Json } from './breaking-changes';

const RELEASED = 'docs/reference/released/openapi-0.1.0.json';

const read = (path: string): Json =>
  JSON.parse(readFileSync(resolve(__dirname, '../..', path), 'utf8')) as Json;

const found = breakingChanges(read(RELEASED), read('openapi.json'));
for (const line of found) process.stderr.write(`${line}\n`);
process.stdout.write(
  found.length === 0
    ? `openapi.json keeps what ${RELEASED} promises.\n`
    : `${found.length} breaking changes against ${RELEASED}.\n`,
);
process.exitCode = found.length === 0 ? 0 : 1;
