import type { INestApplicationContext } from '@nestjs/common';
import { SecretHasher } from '../../src/secrets/secret-hasher';

/** The least that bcrypt takes. */
const COST = 4;

/** Lets an app hash values by bcrypt's least cost: at the service's least, each token would cost 60 ms of a core. */
export function hashCheaply(app: INestApplicationContext): void {
  Object.assign(app.get(SecretHasher, { strict: false }), { cost: COST });
}
