'use strict';
/**
 * What a page of the list costs at 1,000,000 tokens over 10,000 tenants, beside 1,000 tokens: the first
 * page, the hundredth by cursor, and a super_admin's first page over all tenants. Asks the repository, so
 * that no HTTP hides a difference. Needs a build (npm run build) and the development dependencies.
 */
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { DataSource } = require('typeorm');
const { dataSourceOptions } = require('../dist/database/data-source.options');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const { ListCursor } = require('../dist/scim-tokens/list/list-cursor');
const { TokenListRepository } = require('../dist/scim-tokens/list/token-list.repository');
const { ALL_TENANTS, tenants } = require('../dist/core/request-context');

const ROUNDS = 200;
const PER_PAGE = 20;
const BIG = 'big';

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  try {
    const results = {};
    for (const [size, tenantCount] of [
      [1_000, 10],
      [1_000_000, 10_000],
    ]) {
      const schema = `tokens_${size}`;
      await runMigrations(server.url, schema);
      const dataSource = await new DataSource(
        dataSourceOptions({ url: server.url, schema, poolMax: 2, queryTimeoutMs: 0 }),
      ).initialize();
      await seed(dataSource, schema, size, tenantCount);
      results[size] = await measure(dataSource);
      await dataSource.destroy();
    }
    report(results);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A quarter of 1,000 tokens, or 2,100, belong to one tenant, which has a hundred pages; each twentieth is revoked. */
async function seed(dataSource, schema, size, tenantCount) {
  const big = size > 10_000 ? 2_100 : 250;
  await dataSource.query(
    `INSERT INTO ${schema}.scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at,
       created_at, updated_at, created_by, revoked_at, version)
     SELECT gen_random_uuid(), CASE WHEN n % ($1::int / $2::int) = 0 THEN '${BIG}' ELSE 'tnt_' || n % $3::int END,
       'token ' || md5(n::text), '{users:read}', '{}', true, now() + n * interval '1 minute',
       now() - ($1::int - n) * interval '1 second', now(), 'seed', CASE WHEN n % 20 = 7 THEN now() END, 1
     FROM generate_series(1, $1::int) n`,
    [size, big, tenantCount - 1],
  );
  await dataSource.query(
    `INSERT INTO ${schema}.scim_token_tenants (tenant_id, seq, head_hash, listed_count)
     SELECT tenant_id, 0, repeat('0', 64), count(*) FILTER (WHERE revoked_at IS NULL)
     FROM ${schema}.scim_tokens GROUP BY tenant_id`,
  );
  await dataSource.query(`VACUUM ANALYZE ${schema}.scim_tokens`);
  await dataSource.query(`VACUUM ANALYZE ${schema}.scim_token_tenants`);
}

async function measure(dataSource) {
  const repository = new TokenListRepository(dataSource, dataSource);
  const figures = {};
  for (const sort of ['-created_at', 'name', 'expires_at']) {
    const list = (scope, start) =>
      repository.list(scope, { now: new Date() }, { sort, limit: PER_PAGE, start });
    const own = tenants(BIG);
    let page = await list(own, 0);
    for (let n = 2; n < 100 && page.more; n++) {
      page = await list(own, ListCursor.after(page.rows.at(-1), sort));
    }
    const deep = ListCursor.after(page.rows.at(-1), sort);
    const top = ListCursor.after((await list(own, 0)).rows.at(-1), sort);
    figures[sort] = {
      first: await median(() => list(own, 0)),
      second: await median(() => list(own, top)),
      hundredth: await median(() => list(own, deep)),
      all: await median(() => list(ALL_TENANTS, 0)),
    };
  }
  return figures;
}

async function median(work) {
  for (let n = 0; n < 20; n++) await work();
  const times = [];
  for (let n = 0; n < ROUNDS; n++) {
    const began = process.hrtime.bigint();
    await work();
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return times.sort((a, b) => a - b)[ROUNDS / 2];
}

function report({ 1000: small, 1000000: large }) {
  const ms = (value) => value.toFixed(2);
  const lines = Object.keys(large).map((sort) => {
    const { first, second, hundredth, all } = large[sort];
    return [
      sort,
      ...[small[sort].first, first, second, hundredth, all].map(ms),
      ms(hundredth / second),
      ms(hundredth / first),
      ms(first / small[sort].first),
      ms(all / first),
    ].join(' | ');
  });
  process.stdout.write(
    [
      'order | page 1 of 1,000 | page 1 | page 2 | page 100 | all tenants | 100:2 | 100:1 | 1:1 of 1,000 | all:1',
      '--- | --- | --- | --- | --- | --- | --- | --- | --- | ---',
      ...lines,
      '',
    ].join('\n'),
  );
}

void main();
