import { CLIENT_ID } from '../../endpoint-info/providers/provider';
import { printableJson, visible } from '../command-line';
import type { TokenView, TokenWithValue } from './admin-api';

/** What to enter in an identity provider's console. */
export interface ProviderForm {
  readonly name: string;
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  readonly steps: readonly string[];
}

/** Heads the lines of `tokenLine`. */
export const TOKEN_HEADER = `${row('ID', 'STATUS', 'HEALTH', 'EXPIRES', 'LAST USED', 'TENANT')}  NAME`;

/** A token in one line, for people. */
export function tokenLine(token: TokenView): string {
  const { id, status, health, expires_at, last_used_at, tenant_id, name } = token;
  return `${row(id, status, health.state, minute(expires_at), minute(last_used_at), visible(tenant_id))}  ${visible(name)}`;
}

/**
 * The value or client secret alone on standard output, for whatever it is piped into; what it belongs to beside
 * it. Of a client without a secret its id.
 */
export function printValue(token: TokenWithValue, json: boolean): void {
  if (json) {
    process.stdout.write(`${printableJson(token)}\n`);
    return;
  }
  const { id, name, expires_at: expiresAt, token: value, client_secret: secret } = token;
  const whose = `${id} (${visible(name)})`;
  const until = expiresAt === null ? 'without an expiry' : `good until ${expiresAt}`;
  process.stdout.write(`${value ?? secret ?? id}\n`);
  process.stderr.write(
    value === undefined && secret === undefined
      ? `The client id of ${whose}, ${until}. It has no secret: the identity provider signs for itself.\n`
      : `The ${value === undefined ? 'client secret' : 'value'} of ${whose}, ${until}. It cannot be shown again.\n`,
  );
}

/** Prints a form beside the value, which alone is on standard output; the client id is filled in. */
export function printForm({ name, fields, steps }: ProviderForm, { id }: TokenView): void {
  const width = Math.max(...fields.map(({ label }) => label.length));
  process.stderr.write(
    [
      '',
      `${name}:`,
      ...fields.map(
        ({ label, value }) =>
          `  ${visible(label).padEnd(width)}  ${value === CLIENT_ID ? id : visible(value)}`,
      ),
      '',
      ...steps.map((step, index) => `${index + 1}. ${visible(step)}`),
      '',
    ].join('\n'),
  );
}

function row(id: string, ...cells: [string, string, string, string, string]): string {
  const [status, health, expires, lastUsed, tenant] = cells;
  return [
    id.padEnd(40),
    status.padEnd(8),
    health.padEnd(7),
    expires.padEnd(17),
    lastUsed.padEnd(17),
    tenant.padEnd(16),
  ].join('  ');
}

/** A time in short. */
export function minute(time: string | null): string {
  return time === null ? '-' : `${time.slice(0, 16)}Z`;
}
