/** @type {import('jest').Config} */
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json' }] },
};

module.exports = {
  rootDir: __dirname,
  // Generous: on a busy machine a test that hangs is all that it should catch.
  testTimeout: 30_000,
  // Both cores: the tests wait for a database most of the time.
  maxWorkers: 2,
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  coverageDirectory: 'coverage',
  // What V8 counts by itself costs a tenth less than code that counts.
  coverageProvider: 'v8',
  coverageReporters: ['text', 'text-summary', 'lcovonly'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,scripts,tools,test/support}/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,embed}/**/*.e2e-spec.ts'],
      setupFiles: ['<rootDir>/test/support/collect-statements.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
    {
      ...shared,
      displayName: 'scim-server',
      testMatch: ['<rootDir>/examples/scim-server/src/**/*.spec.ts'],
      transform: {
        '^.+\\.ts$': ['ts-jest', { tsconfig: 'examples/scim-server/tsconfig.json' }],
      },
    },
  ],
};
