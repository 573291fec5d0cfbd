'use strict';
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { rollup } = require('rollup');
const { dts } = require('rollup-plugin-dts');
const ts = require('typescript');

const root = join(__dirname, '..');
const LIB = join(root, 'lib');
/** What is loaded by name: the module that hosts import, and the command line. */
const ENTRIES = { index: 'index.js', cli: 'cli/cli.js' };

/**
 * Rolls `src` up into `lib`, which the package holds in the place of `dist` (decision 19): a few files of JavaScript,
 * and one of declarations. Types are checked on the way.
 *
 * @returns {Promise<boolean>} whether it went well
 */
async function rollUp() {
  const emitted = emit();
  if (emitted === null) return false;
  rmSync(LIB, { recursive: true, force: true });
  for (const { path, text } of [...(await program(emitted)), ...(await declarations(emitted))]) {
    mkdirSync(dirname(join(LIB, path)), { recursive: true });
    writeFileSync(join(LIB, path), text);
  }
  return true;
}

/** What the compiler makes of each source, in memory, by its path in `dist`; null where the types are wrong. */
function emit() {
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile).config,
    ts.sys,
    root,
    // Modules stay such: that is what can be rolled up. tslib spares each file its helpers.
    { module: ts.ModuleKind.ESNext, importHelpers: true },
  );
  const emitted = new Map();
  const write = (path, text) => {
    emitted.set(path.slice(options.outDir.length + 1), text);
  };
  const typed = ts.createProgram(fileNames, {
    ...options,
    noCheck: false,
    declaration: true,
    emitDeclarationOnly: true,
    removeComments: false,
  });
  const diagnostics = ts.getPreEmitDiagnostics(typed);
  process.stderr.write(
    ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (path) => path,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    }),
  );
  if (diagnostics.length > 0) return null;
  typed.emit(undefined, write);
  ts.createProgram(fileNames, options, undefined, typed).emit(undefined, write);
  return emitted;
}

/** The JavaScript: what is always loaded together is one file, named after the module that is asked for. */
async function program(emitted) {
  const bundle = await rollup({
    input: ENTRIES,
    plugins: [modulesOf(emitted, '.js')],
    // Modules may do something by being loaded, as those of decorators do.
    treeshake: false,
    onwarn: fail,
  });
  const { output } = await bundle.generate({
    format: 'cjs',
    esModule: true,
    interop: 'auto',
    dynamicImportInCjs: false,
    // No arrow functions: Node would not find the names that a host imports by `import`.
    generatedCode: { constBindings: true, objectShorthand: true },
    hoistTransitiveImports: false,
    chunkFileNames: '[name].js',
  });
  // Nest, TypeORM and the OpenAPI document go by the names of classes.
  return files(output, /\bclass \w+\$\d+|\b\w+\$\d+ = class\b/g);
}

/** All declarations that a host can reach, in one file. */
async function declarations(emitted) {
  const bundle = await rollup({
    input: { index: 'index.d.ts' },
    plugins: [modulesOf(emitted, '.d.ts'), dts()],
    onwarn: fail,
  });
  const { output } = await bundle.generate({ format: 'es', entryFileNames: '[name].d.ts' });
  return files(output, /\b\w+\$\d+/g);
}

/** Finds what the compiler made; whatever is not ours is left to be loaded where the package is. */
function modulesOf(emitted, extension) {
  return {
    name: 'modules',
    resolveId(source, importer) {
      if (importer === undefined) return source;
      if (!source.startsWith('.')) return { id: source, external: true };
      const path = join(dirname(importer), source);
      return [path + extension, join(path, `index${extension}`), path].find((id) =>
        emitted.has(id),
      );
    },
    load: (id) =>
      id.endsWith('.json')
        ? `export default ${JSON.stringify(JSON.parse(emitted.get(id)))};`
        : emitted.get(id),
  };
}

/** @param numbered names that two of one name would get, and that nothing may have */
function files(output, numbered) {
  return output.map(({ fileName, code }) => {
    const found = code.match(numbered) ?? [];
    if (found.length > 0) fail({ message: `${fileName} has two of one name: ${found.join(', ')}` });
    return { path: fileName, text: withTabs(fileName, code) };
  });
}

/** A tab for each four spaces that a line is indented by, as rollup's own lines are; not within a template's text. */
function withTabs(fileName, code) {
  const file = ts.createSourceFile(fileName, code, ts.ScriptTarget.Latest);
  const texts = [];
  const visit = (node) => {
    if (ts.isTemplateLiteralToken(node)) texts.push([node.getStart(file), node.end]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return code.replace(/^(?: {4})+/gm, (spaces, at) =>
    texts.some(([start, end]) => start < at && at < end) ? spaces : '\t'.repeat(spaces.length / 4),
  );
}

function fail({ message }) {
  throw new Error(message);
}

void rollUp().then((isDone) => {
  if (!isDone) process.exitCode = 1;
});
