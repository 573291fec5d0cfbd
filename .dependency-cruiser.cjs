/** The rooms of src, top to bottom: a room imports from those below it alone. Those of one line do not know each other. */
const ROOMS = [
  ['cli'],
  ['service'],
  ['module'],
  ['explain'],
  ['audit', 'conformance', 'imports', 'introspection', 'leaks', 'oauth', 'revoke-all', 'rotation'],
  ['setup'],
  ['scim-tokens'],
  ['endpoint-info'],
  ['scan'],
  ['events'],
  ['scim-guard'],
  ['ledger'],
  ['admin'],
  ['verification'],
  ['usage'],
  ['secrets'],
  ['jwks'],
  ['http'],
  ['database'],
  ['core'],
];

const folders = (rooms) => `^src/(${rooms.join('|')})/`;

const downwards = ROOMS.flatMap((line, at) => {
  const above = ROOMS.slice(0, at).flat();
  return line.map((room) => ({
    name: `${room}-imports-downwards`,
    severity: 'error',
    from: { path: folders([room]) },
    to: {
      path: [
        ...(above.length > 0 ? [folders(above)] : []),
        ...(line.length > 1 ? [folders(line.filter((other) => other !== room))] : []),
        '^src/index[.]ts$',
        '^src/main[.]ts$',
      ],
    },
  }));
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...downwards,
    {
      name: 'every-room-has-its-place',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: folders(ROOMS.flat()) },
      to: {},
    },
    { name: 'no-cycle-of-files', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-cycle-of-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.]spec[.]ts$' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types alone, too: they are read as the others are.
    tsPreCompilationDeps: true,
  },
};
