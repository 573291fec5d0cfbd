'use strict';
/**
 * What an access token costs, in one run on one database: the service's token endpoint, for a client secret
 * with a MAC, in turn with a bare node:http + pg handler that does the same two statements. Prints a table and
 * writes it to RESULTS-TOKEN-ENDPOINT.md. Needs a build (npm run build) and the development dependencies.
 */
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { availableParallelism, cpus, tmpdir } = require('node:os');
const { join } = require('node:path');
const { Client } = require('pg');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const { SECONDS, measure, send, startServer } = require('./verification/load');
const { PEPPER, seed } = require('./verification/seed');

const CLIENTS = 5_000;
const ROUNDS = 5;
const PATH = '/api/v1/scim-tokens/oauth/token';

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: folder });
  const { url } = database;
  try {
    await runMigrations(url);
    const requests = await clients(url);
    const env = { SCIM_TOKEN_PEPPER: PEPPER };
    const raw = await startServer('raw-token-endpoint.js', url, env);
    const ours = await startServer('token-endpoint.js', url, env);
    for (const server of [raw, ours]) await send(server, requests, { duration: SECONDS });
    // In turn, so that a slow moment of the machine hits both alike; the round of the median ratio.
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const limit = await measure(raw, requests);
      const issued = await measure(ours, requests);
      rounds.push({ limit, issued, ratio: issued.rate / limit.rate });
      console.log(`${Math.round(issued.rate)}/s, ${rounds.at(-1).ratio.toFixed(2)} of the limit`);
    }
    await raw.stop();
    await ours.stop();
    report(rounds.sort((a, b) => a.ratio - b.ratio)[ROUNDS >> 1]);
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One request of each of the clients. */
async function clients(url) {
  const values = await seed(url, CLIENTS);
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query(
    `UPDATE scim_tokens SET auth_method = 'client_credentials', access_token_ttl_seconds = 3600
     RETURNING id, split_part(token_prefix, '_', 2) AS lookup_id`,
  );
  await client.query('VACUUM ANALYZE');
  await client.end();
  const ids = new Map(rows.map(({ id, lookup_id }) => [lookup_id, id.replaceAll('-', '')]));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return values.map((secret) => {
    const id = `sct_${ids.get(secret.split('_')[1])}`;
    const body = `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`;
    return { method: 'POST', path: PATH, headers, body };
  });
}

function report({ limit, issued, ratio }) {
  const row = (name, { rate, p50, p99, cpu }, relative = '') =>
    `| ${[name, Math.round(rate), p50, p99, Math.round(cpu), relative].join(' | ')} |`;
  writeFileSync(
    join(__dirname, 'RESULTS-TOKEN-ENDPOINT.md'),
    `# What an access token costs

\`npm run bench:token-endpoint\` in \`bench/\`, ${new Date().toISOString().slice(0, 10)}: Node ${process.version},
${availableParallelism()} × ${cpus()[0]?.model}, load and database on the same machine. ${CLIENTS} clients in turn, each with a client
secret that has a MAC; the round of the median ratio of ${ROUNDS}. Only ratios within one run mean something.

| request | requests/s | p50 ms | p99 ms | CPU µs | ratio |
|---|---|---|---|---|---|
${row('node:http + pg, the same two statements and one MAC: the limit', limit)}
${row('the token endpoint of the service', issued, `${ratio.toFixed(2)} of the limit; ≥ 0.5 ×, ≥ 400/s`)}

CPU is that of the server's process alone, a request.
`,
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
