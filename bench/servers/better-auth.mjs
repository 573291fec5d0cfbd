import { once } from 'node:events';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { scim } from '@better-auth/scim';
import pg from 'pg';

const BASE = 'http://127.0.0.1';

/** Tokens that are minted through its API, and in the table altogether. */
const MINTED = 20;
const TOKENS = 10_000;

/**
 * better-auth with its SCIM plugin as its documentation sets it up, tokens in the database. The tokens lack
 * the scope that the route needs: it checks the value first and goes no further, so that its check is all
 * that is measured.
 */
export async function start(databaseUrl) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  const options = {
    baseURL: BASE,
    secret: 'bench-secret-of-thirty-two-bytes-or-more',
    database: pool,
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
  const tokens = [];
  while (tokens.length < MINTED) {
    const { token } = await auth.api.createSCIMManagedConnection({
      body: {
        creationRequestId: `bench-request-${tokens.length}-of-${MINTED}`,
        provisioningDomainId: `tnt_${tokens.length}`,
        actorId: 'bench',
        scopes: ['scim.groups.read'],
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    });
    tokens.push(token);
  }
  await fill(pool);
  const server = createServer(toNodeHandler(auth)).listen(0, new URL(BASE).hostname);
  await once(server, 'listening');
  return { url: `${BASE}:${server.address().port}`, tokens };
}

/** Copies rows, to as many as ours: other keys, the rest the same. */
async function fill(pool) {
  const copies = TOKENS / MINTED - 1;
  const copy = (table, keys) =>
    pool.query(
      `INSERT INTO "${table}" SELECT (jsonb_populate_record(t, to_jsonb(t) || jsonb_build_object(
         ${keys.map((key) => `'${key}', t."${key}" || n`).join(', ')}))).*
       FROM "${table}" t, generate_series(1, ${copies}) n`,
    );
  await copy('scimManagedConnection', ['id', 'creationRequestId', 'connectionId']);
  await copy('scimManagedCredential', ['id', 'credentialId', 'activeSlotKey']);
  await pool.query('ANALYZE');
}
