import { readFileSync } from 'node:fs';
import { isRecord } from '../../core/checks';
import { checkedIssuers, type TrustedIssuer } from '../../core/trusted-issuers';

/**
 * Reads the issuers of a JSON file once: `{"issuers": [{"issuer", "jwks_uri"}]}`.
 *
 * @throws Error that names the entry and the member that is wrong, and what it takes
 */
export function loadIssuers(path: string): readonly TrustedIssuer[] {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`it cannot be read as JSON: ${(error as Error).message}`);
  }
  if (!isRecord(file) || Object.keys(file).join() !== 'issuers') {
    throw new Error('it takes {"issuers": [{"issuer", "jwks_uri"}]}');
  }
  return checkedIssuers(file.issuers);
}
