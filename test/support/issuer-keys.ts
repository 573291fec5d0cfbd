import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrustedIssuer } from '../../src/core/trusted-issuers';

/** A key that signs assertions, and how an issuer publishes it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey & { readonly kid: string };
}

/** What the host of an issuer's keys does: send them, break off, say nothing, or send something else. */
export type KeysAnswer =
  | 'keys'
  | 'down'
  | 'slow'
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
    };

/** States of an issuer's keys that requests are tried in. */
export type JwksState =
  | 'reachable'
  | 'cached_then_down'
  | 'never_seen_down'
  | 'slow'
  | 'cached_then_slow'
  | 'rotated'
  | 'down_new_kid';

/** Who signs an assertion: a key of the issuer, one that it never published, nobody, or an HMAC of its public key. */
export type SignedWith = 'trusted' | 'other' | 'none' | 'hs256';

/** Makes a key pair with an id of its own. */
export function signingKey(type: 'rsa' | 'ec' = 'rsa', modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

/** Signs a JWT with a key, whatever its header says. */
export function signJwt(header: object, claims: object, { privateKey }: SigningKey): string {
  const text = unsigned(header, claims);
  const { alg } = header as { alg?: unknown };
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(alg === 'PS256' && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  });
  return `${text}.${signature.toString('base64url')}`;
}

/**
 * A stand-in for Entra's keys on a loopback port: a JWK set for each tenant's GUID, which may be away, slow
 * or wrong. `issuers` is what the service has to be told, `file` the same for `SCIM_OAUTH_ISSUERS_FILE`.
 */
export class IssuerKeys {
  /** Signs what every tenant publishes unless it is told otherwise. */
  readonly trusted = signingKey();
  /** Published by nobody. */
  readonly other = signingKey();
  /** What was published before `trusted`, where keys rotate. */
  readonly former = signingKey();
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];
  private readonly answers = new Map<string, KeysAnswer>();
  private readonly published = new Map<string, readonly object[]>();
  private readonly held = new Set<ServerResponse>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'issuers-'));
  private readonly server = createServer(({ url = '' }, response) => {
    this.requests.push(url);
    this.respond(url.split('/')[1] ?? '', response);
  });

  private constructor() {
    this.server.listen(0, '127.0.0.1');
  }

  /** Listens on a free port. */
  static async start(): Promise<IssuerKeys> {
    const keys = new IssuerKeys();
    await once(keys.server, 'listening');
    writeFileSync(keys.file, JSON.stringify({ issuers: keys.issuers }));
    return keys;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Entra's issuers, with their keys here. */
  get issuers(): TrustedIssuer[] {
    return [
      ['https://login.microsoftonline.com/{tenant_id}/v2.0', 'v2'],
      ['https://sts.windows.net/{tenant_id}/', 'v1'],
      ['https://login.microsoftonline.us/{tenant_id}/v2.0', 'us'],
      ['https://login.partner.microsoftonline.cn/{tenant_id}/v2.0', 'cn'],
    ].map(([issuer = '', path]) => ({
      issuer,
      jwks_uri: `${this.url}/{tenant_id}/${String(path)}/keys`,
    }));
  }

  /** A file that tells the issuers. */
  get file(): string {
    return join(this.folder, 'issuers.json');
  }

  /** What a tenant's URL of keys does from now on. */
  answer(tenant: string, answer: KeysAnswer): void {
    this.answers.set(tenant, answer);
  }

  /** Which keys a tenant publishes from now on. */
  publish(tenant: string, keys: readonly (SigningKey | object)[]): void {
    this.published.set(
      tenant,
      keys.map((key) => ('jwk' in key ? key.jwk : key)),
    );
  }

  /**
   * Brings a tenant's keys into a state.
   *
   * @param use has the service take an assertion of this key, so that it reads what is published
   */
  async arrange(
    tenant: string,
    state: JwksState,
    use: (key: SigningKey) => Promise<unknown>,
  ): Promise<void> {
    const isNew = state === 'rotated' || state === 'down_new_kid';
    const cached = isNew ? this.former : this.trusted;
    this.publish(tenant, [cached]);
    this.answer(tenant, 'keys');
    if (isNew || state.startsWith('cached')) await use(cached);
    this.publish(tenant, [this.trusted]);
    if (state.includes('down')) this.answer(tenant, 'down');
    if (state.includes('slow')) this.answer(tenant, 'slow');
  }

  /** An assertion, padded by a claim to so many characters where that is asked for. */
  assertion(header: object, claims: object, signedWith: SignedWith = 'trusted', padTo = 0): string {
    const signed = this.signed(header, claims, signedWith);
    const missing = padTo - signed.length;
    if (missing <= 0) return signed;
    return this.signed(header, { ...claims, pad: 'x'.repeat(missing) }, signedWith);
  }

  /** Breaks off what is held, and closes. */
  async stop(): Promise<void> {
    for (const response of this.held) response.destroy();
    rmSync(this.folder, { recursive: true });
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private signed(header: object, claims: object, signedWith: SignedWith): string {
    if (signedWith === 'trusted') return signJwt(header, claims, this.trusted);
    if (signedWith === 'other') return signJwt(header, claims, this.other);
    const text = unsigned(header, claims);
    if (signedWith === 'none') return `${text}.`;
    const pem = publicPem(this.trusted);
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
  }

  private respond(tenant: string, response: ServerResponse): void {
    const answer = this.answers.get(tenant) ?? 'keys';
    if (answer === 'down') response.destroy();
    else if (answer === 'slow') this.held.add(response);
    else if (answer === 'keys') {
      const keys = this.published.get(tenant) ?? [this.trusted.jwk];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
    } else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  }
}

function unsigned(header: object, claims: object): string {
  return [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}

function publicPem({ jwk }: SigningKey): string {
  return createPublicKey({ key: jwk, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  }) as string;
}
