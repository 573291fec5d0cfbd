import type { Environment } from './environment';

/** Texts that stand in examples where a secret belongs, those of jwt.io among them. */
const PLACEHOLDER =
  /change.?me|change.?this|replace.?me|place.?holder|your.?(?:jwt.?|256.?bit.?)?(?:secret|key)|a.string.secret.at.least|^<.*>$/i;

/** Notes that a variable holds what everyone could know. */
export function refusePlaceholder(
  environment: Environment,
  name: string,
  secret: string | null,
): void {
  if (secret === null || !PLACEHOLDER.test(secret)) return;
  environment.reject(name, 'is a known placeholder; production takes a random secret');
}
