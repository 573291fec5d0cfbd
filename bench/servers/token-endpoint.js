'use strict';
require('reflect-metadata');
const pino = require('pino');
const { createApp } = require('../../dist/service/app.setup');
const { loadConfig } = require('../../dist/service/config/config');
const { OpenTenantDirectory } = require('../../dist/core/tenant-directory');

/** The service itself. */
async function start(databaseUrl, env = {}) {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    JWT_SECRET: 'bench-secret-of-thirty-two-bytes-or-more',
    RATE_LIMIT_PER_MINUTE: '0',
    ...env,
  });
  const parts = { config, databaseUrl, tenantDirectory: new OpenTenantDirectory() };
  const { app } = await createApp(parts, pino({ level: 'silent' }));
  await app.listen(0, '127.0.0.1');
  return { url: `http://127.0.0.1:${app.getHttpServer().address().port}` };
}

module.exports = { start };
