import { visible } from '../terminal-text';
import { UsageError } from '../usage-error';
import type { AdminApi } from './admin-api';

/** An identity provider's entry of endpoint-info. */
export interface ProviderForm {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  readonly steps: readonly string[];
}

/**
 * What to enter in a provider's console for a tenant, as endpoint-info has it.
 *
 * @param tenant undefined for the JWT's own
 * @throws UsageError that names the providers there are, where this is none
 */
export async function providerForm(
  api: AdminApi,
  id: string,
  tenant: string | undefined,
): Promise<ProviderForm> {
  const query =
    tenant === undefined ? '' : `?${new URLSearchParams({ tenant_id: tenant }).toString()}`;
  const path = `endpoint-info${query}`;
  const { providers } = await api.call<{ providers: readonly ProviderForm[] }>('GET', path);
  const form = providers.find((provider) => provider.id === id);
  if (!form) {
    throw new UsageError(`--provider takes one of ${providers.map((one) => one.id).join(', ')}`);
  }
  return form;
}

/** Prints a form beside the value, which alone is on standard output. */
export function printForm({ name, fields, steps }: ProviderForm): void {
  const width = Math.max(...fields.map(({ label }) => label.length));
  process.stderr.write(
    [
      '',
      `${name}:`,
      ...fields.map(({ label, value }) => `  ${visible(label).padEnd(width)}  ${visible(value)}`),
      '',
      ...steps.map((step, index) => `${index + 1}. ${visible(step)}`),
      '',
    ].join('\n'),
  );
}
