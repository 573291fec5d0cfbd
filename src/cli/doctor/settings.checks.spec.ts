import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../service/config/config';
import { diagnose } from './diagnose';
import { checkJwks, checkKeys, checkNode, checkProxy, checkSetup } from './settings.checks';

const config = (variables: Record<string, string>) =>
  loadConfig({
    NODE_ENV: 'test',
    JWT_SECRET: 'jwt-secret-of-thirty-two-bytes-or-more',
    SCIM_TOKEN_PEPPER: 'pepper-of-thirty-two-bytes-or-more',
    ...variables,
  });
const proxy = (variables: Record<string, string>) => checkProxy(config(variables));

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('The doctor', () => {
  it('takes the oldest supported Node.js and newer ones', () => {
    expect(['20.18.9', '20.19.0', '20.9.0', '24.1.0'].map((v) => checkNode(v).status)).toEqual([
      'failed',
      'ok',
      'failed',
      'ok',
    ]);
    expect(checkNode('20.9.0').mend).toContain('Install Node.js 20.19 or newer');
  });

  it('says which keys verify, and whether there is a pepper', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-doctor-'));
    const told = (variables: Record<string, string>) => checkKeys(config(variables)).message;
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    expect(told({})).toBe('JWTs are verified with a secret; a pepper');
    expect(told({ JWT_SECRET: '', JWT_PUBLIC_KEY: pem })).toContain('with a public key');
    const jwks = { JWT_SECRET: '', JWT_JWKS_URI: 'https://issuer.example.com/jwks' };
    expect(told(jwks)).toContain('with a JWK set');
    expect(told({ JWT_SECRET: '', DATA_DIR: folder })).toContain(`development key in ${folder};`);
    rmSync(folder, { recursive: true });
    const production = {
      NODE_ENV: 'production',
      JWT_SECRET: 'process-secret-of-thirty-two-bytes-and-more',
      SCIM_TOKEN_PEPPER: '',
      PUBLIC_URL: 'https://scim.example.com',
      DATABASE_URL: 'postgres://127.0.0.1/x',
    };
    expect(told(production)).toContain('no pepper');
  });

  it('fetches the JWK set, and says what is wrong with it', async () => {
    const key = publicKey.export({ format: 'jwk' });
    const answers: Record<string, string> = {
      '/one': JSON.stringify({ keys: [key] }),
      '/two': JSON.stringify({ keys: [key, key] }),
      '/none': JSON.stringify({ keys: [{ ...key, use: 'enc' }] }),
    };
    const server = createServer(({ url = '' }, response) => {
      response.writeHead(url in answers ? 200 : 404, { connection: 'close' }).end(answers[url]);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const jwks = (path: string) =>
      checkJwks(config({ JWT_SECRET: '', JWT_JWKS_URI: `http://127.0.0.1:${port}${path}` }));
    expect(await jwks('/one')).toMatchObject({ status: 'ok', message: '1 key' });
    expect(await jwks('/two')).toMatchObject({ status: 'ok', message: '2 keys' });
    const mend = expect.stringContaining('Check JWT_JWKS_URI');
    expect(await jwks('/none')).toMatchObject({
      status: 'failed',
      message: 'The JWK set holds no key that verifies signatures',
      mend,
    });
    expect(await jwks('/gone')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('404'),
      mend,
    });
    server.close();
    await once(server, 'close');
    expect(await jwks('/one')).toMatchObject({ status: 'failed', message: 'ECONNREFUSED', mend });
  });

  it('misses TRUST_PROXY where an https URL says that a proxy stands in front', () => {
    expect(proxy({}).status).toBe('ok');
    const https = { PUBLIC_URL: 'https://scim.example.com' };
    expect(proxy(https)).toMatchObject({
      status: 'failed',
      mend: expect.stringContaining('TRUST_PROXY'),
    });
    expect(proxy({ ...https, TRUST_PROXY: '1' }).status).toBe('ok');
    expect(proxy({ ...https, TRUST_PROXY: '10.0.0.0/8' }).status).toBe('ok');
  });

  it('says where the setup page is, and who may frame it', () => {
    const setup = (variables: Record<string, string>) => checkSetup(config(variables)).message;
    const PUBLIC_URL = 'https://scim.example.com';
    expect(setup({ PUBLIC_URL })).toBe(
      'The setup page is at https://scim.example.com/setup; no page may frame it',
    );
    expect(setup({ SETUP_FRAME_ANCESTORS: 'https://a.example.com,https://b.example.com' })).toMatch(
      /; https:\/\/a\.example\.com, https:\/\/b\.example\.com may frame it$/,
    );
    expect(setup({ SETUP_ENABLED: 'false' })).toMatch(/^SETUP_ENABLED is false/);
  });

  it('refuses to believe everyone about their address', () => {
    for (const TRUST_PROXY of ['0.0.0.0/0', '10.0.0.0/8, ::/0']) {
      expect(proxy({ TRUST_PROXY }).status).toBe('failed');
    }
  });

  it('names wrong variables as the start would, and asks nothing more', async () => {
    const [, configuration, ...rest] = await diagnose({ PORT: 'x', TRUST_PROXY: 'true' });
    expect(configuration).toMatchObject({
      status: 'failed',
      check: 'configuration',
      mend: expect.stringContaining('README has the table'),
    });
    for (const name of ['PORT', 'TRUST_PROXY']) {
      expect(configuration?.message).toContain(`${name} takes`);
    }
    expect(new Set(rest.map(({ status }) => status))).toEqual(new Set(['skipped']));
  });
});
