import { rmSync } from 'node:fs';
import { provenTenants } from './prove-tenants';
import { collected } from './statements';

/** What Jest tells of a run. */
interface Run {
  readonly nonFlagArgs: readonly string[];
  readonly testPathPatterns: { isSet: () => boolean };
  readonly testNamePattern?: string;
  readonly onlyChanged: boolean;
  readonly onlyFailures: boolean;
  readonly findRelatedTests: boolean;
  readonly shard?: unknown;
}

/** Stops the server, and fails the run where a statement did not name its tenant. */
export default async function globalTeardown(
  run: Run,
  { displayName }: { readonly displayName?: { readonly name: string } },
): Promise<void> {
  const { testServer } = globalThis;
  if (testServer) {
    await testServer.server.stop();
    rmSync(testServer.folder, { recursive: true, force: true });
  }
  const statements = collected();
  if (!statements) return;
  const isWhole = displayName?.name === 'e2e' && !isNarrowed(run);
  const problems = await provenTenants(statements, isWhole);
  if (problems.length > 0) throw new Error(`Statements:\n${problems.join('\n')}`);
}

function isNarrowed(run: Run): boolean {
  return (
    run.nonFlagArgs.length > 0 ||
    run.testPathPatterns.isSet() ||
    Boolean(run.testNamePattern) ||
    run.onlyChanged ||
    run.onlyFailures ||
    run.findRelatedTests ||
    run.shard !== undefined
  );
}
