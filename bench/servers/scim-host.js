'use strict';
require('reflect-metadata');
const { Controller, Get, Module, UseGuards } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { AppModule } = require('../../dist/service/app.module');
const { loadConfig } = require('../../dist/service/config/config');
const { RequireScimScopes, ScimTokenGuard, ScimTokensModule } = require('../../dist/index');
const { OpenTenantDirectory } = require('../../dist/core/tenant-directory');

class Guarded {
  answer() {
    return { ok: true };
  }
}
class Open {
  answer() {
    return { ok: true };
  }
}
for (const type of [Guarded, Open]) {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, 'answer');
  Get()(type.prototype, 'answer', descriptor);
  Controller(`tenants/:tenant_id/${type.name.toLowerCase()}`)(type);
}
RequireScimScopes('users:read')(Guarded);
UseGuards(ScimTokenGuard)(Guarded);
class Host {}
Module({ controllers: [Guarded, Open] })(Host);

/** Starts an app with our module, a guarded route and the same without a guard. */
async function start(databaseUrl, env = {}) {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    JWT_SECRET: 'bench-secret-of-thirty-two-bytes-or-more',
    ...env,
  });
  const ours = AppModule.forRoot({
    config,
    databaseUrl,
    tenantDirectory: new OpenTenantDirectory(),
  });
  const tokens = ours.imports.filter((part) => part.module === ScimTokensModule);
  const app = await NestFactory.create(
    { module: Host, imports: [ours, ...tokens] },
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');
  return { app, url: `http://127.0.0.1:${app.getHttpServer().address().port}` };
}

module.exports = { start };
