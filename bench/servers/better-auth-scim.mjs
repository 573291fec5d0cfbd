import { once } from 'node:events';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { scim } from '@better-auth/scim';
import pg from 'pg';

/**
 * better-auth with its SCIM plugin as its documentation sets it up, for a conformance run: prints the base URL and
 * the token, and runs until it is ended. DATABASE_URL is an empty database.
 */
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const options = {
  baseURL: `http://127.0.0.1:${server.address().port}`,
  secret: 'bench-secret-of-thirty-two-bytes-or-more',
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [
    scim({
      connections: [],
      managedConnections: { credentialHashSecret: 'bench-pepper-of-thirty-two-bytes-or-more' },
    }),
  ],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);
server.on('request', toNodeHandler(auth));
const { token } = await auth.api.createSCIMManagedConnection({
  body: {
    creationRequestId: 'conformance-run-of-nest-scim-tokens',
    provisioningDomainId: 'tnt_a',
    actorId: 'bench',
    scopes: ['scim.users.read', 'scim.users.write', 'scim.groups.read', 'scim.groups.write'],
    expiresAt: new Date(Date.now() + 86_400_000),
  },
});
process.stdout.write(`${options.baseURL}/api/auth/scim/v2\n${token}\n`);
