import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '../../..');
/** What a host has one of, whoever asks for it. */
const SHARED = ['pg', 'reflect-metadata', 'rxjs'];

/** Copies the tree, built with what the package holds, with another TypeORM in the place of the lock's. */
export async function treeWithTypeOrm(version: string, folder: string): Promise<void> {
  const build = "require('./scripts/ensure-built').ensureBuilt({ forPackage: true })";
  await run(process.execPath, ['-e', build], { cwd: ROOT });
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  for (const path of tracked.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  // As it is built: the types of an older TypeORM are no part of this.
  const whole = { recursive: true, verbatimSymlinks: true } as const;
  for (const path of ['dist', 'lib', 'node_modules']) {
    cpSync(join(ROOT, path), join(folder, path), whole);
  }
  // The tests ask git which files there are.
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  execFileSync('git', ['add', '--all'], { cwd: folder });

  const apart = join(folder, 'node_modules/.typeorm-apart');
  mkdirSync(apart);
  writeFileSync(join(apart, 'package.json'), '{"private":true}');
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
  await run('npm', ['install', ...quietly, `typeorm@${version}`], { cwd: apart });
  const typeorm = join(folder, 'node_modules/typeorm');
  rmSync(typeorm, { recursive: true });
  renameSync(join(apart, 'node_modules/typeorm'), typeorm);
  for (const name of SHARED)
    rmSync(join(apart, 'node_modules', name), { recursive: true, force: true });
  const own = join(typeorm, 'node_modules');
  mkdirSync(own, { recursive: true });
  for (const name of readdirSync(join(apart, 'node_modules'))) {
    if (!existsSync(join(own, name)))
      renameSync(join(apart, 'node_modules', name), join(own, name));
  }
}
