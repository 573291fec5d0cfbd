'use strict';
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ensureBuilt } = require('./ensure-built');

const root = join(__dirname, '..');
const README = join(root, 'README.md');
/** The repository's README, while the package's stands in its place. */
const KEPT = join(root, 'node_modules', '.scim-tokens-readme.md');

const [step] = process.argv.slice(2);
if (step === 'prepare') prepare();
if (step === 'prepack') prepack();
if (step === 'postpack') postpack();

/** An installation from a git address: npm has cloned it with the development dependencies, and packs it. */
function prepare() {
  if (existsSync(join(root, 'node_modules', 'typescript'))) ensureBuilt({ forPackage: true });
}

function prepack() {
  const { repository, homepage, bugs } = require('../package.json');
  const isPlaceholder = [repository.url, homepage, bugs].some((url) => url.includes('example.com'));
  if (process.env.npm_command === 'publish' && isPlaceholder) {
    process.stderr.write(
      'Nothing is published with the placeholders of repository, homepage and bugs\n',
    );
    process.exit(1);
  }
  ensureBuilt({ forPackage: true });
  const readme = readFileSync(README, 'utf8');
  writeFileSync(KEPT, readme);
  writeFileSync(README, withAbsoluteLinks(readme, repository.url));
}

function postpack() {
  if (existsSync(KEPT)) renameSync(KEPT, README);
}

/** The package has no docs folder: what is relative to the repository is looked up there. */
function withAbsoluteLinks(markdown, repositoryUrl) {
  const base = repositoryUrl.replace(/^git\+|\.git$/g, '');
  return markdown.replace(
    /(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)/g,
    (_, image, text, path) => `${image}${text}(${base}/${image ? 'raw' : 'blob'}/main/${path})`,
  );
}
