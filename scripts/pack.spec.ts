import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import * as manifest from '../package.json';

describe('While repository, homepage and bugs are placeholders', () => {
  const addresses = [manifest.repository.url, manifest.homepage, manifest.bugs];

  it('they are all at one place', () => {
    const base = manifest.repository.url.replace(/^git\+|\.git$/g, '');
    expect(addresses.filter((address) => !address.includes(base))).toEqual([]);
  });

  it('npm publish is refused: by prepack, and where no script runs by private', () => {
    expect(addresses.filter((address) => !address.includes('.example.com/'))).toEqual([]);
    const { status, stderr } = spawnSync(process.execPath, ['scripts/pack.js', 'prepack'], {
      cwd: resolve(__dirname, '..'),
      env: { PATH: process.env.PATH, npm_command: 'publish' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('placeholders of repository')]);
    expect(manifest.private).toBe(true);
  });
});
