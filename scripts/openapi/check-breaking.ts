/** Holds openapi.json against the last released document: `npm run openapi:breaking`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { breakingChanges, type Json } from './breaking-changes';

const RELEASED = 'docs/reference/released/openapi-0.1.0.json';

/** Not broken for whoever asks for nothing that the released document has not: by `auth_method`, or a setup link. */
const ASKED_FOR: ReadonlySet<string> = new Set(
  [
    'GET events, 200.items[].type: may now be scim_token.setup_link_created, scim_token.setup_link_opened, scim_token.setup_link_completed, scim_token.setup_link_revoked',
    'POST identify, 200: may now be one of 2',
    'POST revoke-by-value, 200: may now be one of 2',
    'POST {token_id}/rotate, 201.expires_at: is no longer {"type":"string","format":"date-time"}',
    'POST {token_id}/rotate, 201.token: may be missing now',
    'POST {token_id}/rotation/complete, 200.expires_at: is no longer {"type":"string","format":"date-time"}',
  ].map((change) => change.replace(' ', ' /api/v1/admin/scim-tokens/')),
);

/** The trail tells of ever more; who reads it passes over types that it does not know. */
const GROWS = 'GET /api/v1/admin/scim-tokens/events, 200.items[].type: may now be ';

const read = (path: string): Json =>
  JSON.parse(readFileSync(resolve(__dirname, '../..', path), 'utf8')) as Json;

const found = breakingChanges(read(RELEASED), read('openapi.json')).filter(
  (line) => !ASKED_FOR.has(line) && !line.startsWith(GROWS),
);
for (const line of found) process.stderr.write(`${line}\n`);
process.stdout.write(
  found.length === 0
    ? `openapi.json keeps what ${RELEASED} promises.\n`
    : `${found.length} breaking changes against ${RELEASED}.\n`,
);
process.exitCode = found.length === 0 ? 0 : 1;
