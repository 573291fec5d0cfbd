const { rootDir, projects } = require('./jest.config');

const [, e2e] = projects;

/** What takes minutes: other servers and Nodes beside ours, hosts that install the package, load, faults. */
module.exports = {
  rootDir,
  testTimeout: 600_000,
  projects: [{ ...e2e, displayName: 'slow', testMatch: ['<rootDir>/test/slow/**/*.slow-spec.ts'] }],
};
