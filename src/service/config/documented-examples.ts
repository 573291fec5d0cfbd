import type { Environment } from './environment';

/** Stands in our own documentation, so that its commands can be tried as they are. */
const EXAMPLE = 'a-secret-of-thirty-two-bytes-or-more';

/** Notes where a secret is the one that everyone can read in our documentation. */
export function refuseExamples(
  environment: Environment,
  secrets: Readonly<Record<string, string | null>>,
): void {
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret !== EXAMPLE) continue;
    environment.reject(
      environment.sourceOf(name),
      'is the example of the documentation; production takes a random secret',
    );
  }
}
