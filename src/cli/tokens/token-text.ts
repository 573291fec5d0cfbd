import { printableJson, visible } from '../terminal-text';
import type { TokenView, TokenWithValue } from './admin-api';

/** Heads the lines of `tokenLine`. */
export const TOKEN_HEADER = `${row('ID', 'STATUS', 'EXPIRES', 'LAST USED', 'TENANT')}  NAME`;

/** A token in one line, for people. */
export function tokenLine(token: TokenView): string {
  const { id, status, expires_at, last_used_at, tenant_id, name } = token;
  return `${row(id, status, minute(expires_at), minute(last_used_at), visible(tenant_id))}  ${visible(name)}`;
}

/** The value alone on standard output, for whatever it is piped into; what it belongs to beside it. */
export function printValue(token: TokenWithValue, json: boolean): void {
  if (json) {
    process.stdout.write(`${printableJson(token)}\n`);
    return;
  }
  process.stdout.write(`${token.token}\n`);
  process.stderr.write(
    `The value of ${token.id} (${visible(token.name)}), good until ${token.expires_at}. It cannot be shown again.\n`,
  );
}

function row(id: string, ...cells: [string, string, string, string]): string {
  const [status, expires, lastUsed, tenant] = cells;
  return [
    id.padEnd(40),
    status.padEnd(8),
    expires.padEnd(17),
    lastUsed.padEnd(17),
    tenant.padEnd(16),
  ].join('  ');
}

function minute(time: string | null): string {
  return time === null ? '-' : `${time.slice(0, 16)}Z`;
}
