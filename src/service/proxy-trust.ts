import { isInNetworks } from '../core/ip-address';

/** Whether an address in the chain belongs to a proxy that is believed: what Express's `trust proxy` takes. */
type ProxyTrust = false | number | ((address: string) => boolean);

/**
 * What Express is to believe of `X-Forwarded-For`. Express alone reads networks against plain addresses:
 * a proxy that stands in the chain with its port would be taken for the client.
 */
export function proxyTrust(setting: false | number | readonly string[]): ProxyTrust {
  if (typeof setting !== 'object') return setting;
  return (address) => isInNetworks(address, setting);
}
