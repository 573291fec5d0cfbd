import { JWKS_MAX_BYTES } from '../../admin/jwt.options';
import { ownManifest } from '../../core/own-package';
import { fetchFailure, fetchJwkSet } from '../../jwks/fetch-jwk-set';
import { setupPageAssets } from '../../setup/page/assets';
import type { AppConfig } from '../../service/config/config';
import { failed, ok, skipped, type Finding } from './finding';

/**
 * Whether this Node.js is one that package.json asks for.
 *
 * @param version such as 20.19.0
 */
export function checkNode(version: string): Finding {
  const needed = oldestNode();
  return isOlder(version, needed)
    ? failed(
        'node',
        `Node.js ${version}`,
        `Install Node.js ${needed} or newer; 24 LTS is recommended.`,
      )
    : ok('node', `Node.js ${version}`);
}

/** That they are sound the configuration has shown; here is which they are. */
export function checkKeys({ jwt, jwtKeyIsDevelopment, tokens, dataDir }: AppConfig): Finding {
  const pepper =
    tokens.pepper === null ? 'no pepper: the first check of each token is slower' : 'a pepper';
  if (jwtKeyIsDevelopment) {
    return ok('keys', `JWTs are verified with the development key in ${dataDir}; ${pepper}`);
  }
  const kind =
    'secret' in jwt.key ? 'a secret' : 'publicKey' in jwt.key ? 'a public key' : 'a JWK set';
  return ok('keys', `JWTs are verified with ${kind}; ${pepper}`);
}

/** Whether the JWK set can be had and holds a key. */
export async function checkJwks({ jwt }: AppConfig): Promise<Finding> {
  if (!('jwksUri' in jwt.key)) return skipped('jwks', 'JWT_JWKS_URI is not set');
  const mend =
    'Check JWT_JWKS_URI, and that this machine may reach it (DNS, firewall, certificates).';
  try {
    const { length } = await fetchJwkSet(new URL(jwt.key.jwksUri), {
      maxBytes: JWKS_MAX_BYTES,
    });
    if (length === 0)
      return failed('jwks', 'The JWK set holds no key that verifies signatures', mend);
    return ok('jwks', `${length} ${length === 1 ? 'key' : 'keys'}`);
  } catch (error) {
    return failed('jwks', fetchFailure(error), mend);
  }
}

/** The service speaks no TLS: behind an https URL stands a proxy, whose address all clients would have. */
export function checkProxy({ http }: AppConfig): Finding {
  const { trustProxy, publicUrl } = http;
  if (trustProxy === false) {
    return /^https:/i.test(publicUrl)
      ? failed(
          'proxy',
          'PUBLIC_URL is https, so a proxy stands in front, and its address is taken for the client’s',
          'Set TRUST_PROXY to the number of proxies in front, or to their networks.',
        )
      : ok('proxy', 'No proxy is believed; clients come directly');
  }
  if (typeof trustProxy === 'number')
    return ok('proxy', `The last ${trustProxy} hops are believed`);
  const open = trustProxy.find((network) => network.endsWith('/0'));
  return open === undefined
    ? ok('proxy', `Believed are ${trustProxy.join(', ')}`)
    : failed(
        'proxy',
        `TRUST_PROXY holds ${open}: any client may name its own address`,
        'Set TRUST_PROXY to the networks of your own proxies.',
      );
}

/** Where the setup page is, who may show it in a frame, and whether there is a build of it. */
export function checkSetup({ http, tokens: { setup } }: AppConfig): Finding {
  if (setup === null) return skipped('setup', 'SETUP_ENABLED is false: no setup page, no links');
  try {
    setupPageAssets();
  } catch (error) {
    return failed('setup', (error as Error).message, 'Run npm run build, or install again.');
  }
  const frames = setup.frameAncestors.join(', ') || 'no page';
  return ok('setup', `The setup page is at ${http.publicUrl}/setup; ${frames} may frame it`);
}

function oldestNode(): string {
  return ownManifest().engines.node.replace(/^>=/, '');
}

function isOlder(version: string, needed: string): boolean {
  return version.localeCompare(needed, 'en', { numeric: true }) < 0;
}
