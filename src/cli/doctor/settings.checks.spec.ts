import { loadConfig } from '../../config/config';
import { diagnose } from './diagnose';
import { checkNode, checkProxy } from './settings.checks';

const proxy = (variables: Record<string, string>) =>
  checkProxy(
    loadConfig({
      NODE_ENV: 'test',
      JWT_SECRET: 'x'.repeat(32),
      SCIM_TOKEN_PEPPER: 'p'.repeat(32),
      ...variables,
    }),
  );

describe('The doctor', () => {
  it('takes the oldest supported Node.js and newer ones', () => {
    expect(['20.18.9', '20.19.0', '20.9.0', '24.1.0'].map((v) => checkNode(v).status)).toEqual([
      'failed',
      'ok',
      'failed',
      'ok',
    ]);
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

  it('refuses to believe everyone about their address', () => {
    for (const TRUST_PROXY of ['0.0.0.0/0', '10.0.0.0/8, ::/0']) {
      expect(proxy({ TRUST_PROXY }).status).toBe('failed');
    }
  });

  it('names wrong variables as the start would, and asks nothing more', async () => {
    const [, configuration, ...rest] = await diagnose({ PORT: 'x', TRUST_PROXY: 'true' });
    expect(configuration).toMatchObject({ status: 'failed', check: 'configuration' });
    for (const name of ['PORT', 'TRUST_PROXY']) {
      expect(configuration?.message).toContain(`${name} takes`);
    }
    expect(new Set(rest.map(({ status }) => status))).toEqual(new Set(['skipped']));
  });
});
