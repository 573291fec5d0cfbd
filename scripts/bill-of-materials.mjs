/**
 * What runs in production, as CycloneDX on standard output. `npm sbom --omit=dev` would leave out every
 * package that any other names among its development dependencies, Express among them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const command = ['sbom', '--sbom-format=cyclonedx'];
const bill = JSON.parse(execFileSync('npm', command, { maxBuffer: 64 * 1024 ** 2 }).toString());

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const kept = new Set(
  Object.entries(packages)
    .filter(([, { dev, link }]) => !dev && !link)
    .map(([path, { name, version }]) => `${name ?? path.split('node_modules/').pop()}@${version}`),
);
const isKept = (reference) => kept.has(reference);

bill.components = bill.components.filter((component) => isKept(component['bom-ref']));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => isKept(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) }));

process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
