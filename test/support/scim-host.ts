import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/service/app.module';
import type { Clock } from '../../src/core/clock';
import { loadConfig } from '../../src/service/config/config';
import {
  CurrentScimToken,
  RequireScimScopes,
  ScimTokenGuard,
  ScimTokensModule,
  type VerifiedScimToken,
} from '../../src/index';
import { OpenTenantDirectory } from '../../src/core/tenant-directory';
import { hashCheaply } from './cheap-hashes';
import { JWT_SECRET } from './test-app';
import { createTestDatabase, databaseVariables } from './test-database';

/** SCIM routes as a host would have them. */
@Controller('tenants/:tenant_id/scim/v2')
@UseGuards(ScimTokenGuard)
export class ProbeController {
  @Get('Users')
  @RequireScimScopes('users:read')
  read(@CurrentScimToken() token: VerifiedScimToken): { token_id: string; tenant_id: string } {
    return { token_id: token.tokenId, tenant_id: token.tenantId };
  }

  @Post('Users')
  @RequireScimScopes('users:read', 'users:write')
  write(@CurrentScimToken() token: VerifiedScimToken): VerifiedScimToken {
    return token;
  }

  @Get('ServiceProviderConfig')
  @RequireScimScopes()
  any(): object {
    return {};
  }
}

@Module({ controllers: [ProbeController] })
class HostModule {}

export interface ScimHost {
  url: string;
  databaseUrl: string;
  app: NestExpressApplication;
  close(): Promise<void>;
}

export interface ScimHostOptions {
  /** Variables on top of the test defaults. Without a cost of bcrypt values are hashed cheaply. */
  env?: Record<string, string>;
  clock?: Clock;
  /** Another host's database, where two share one. */
  databaseUrl?: string;
  module?: new () => object;
  /** What a host does to its app before it starts. */
  configure?: (app: NestExpressApplication) => void;
}

/** Starts an app that has our module and SCIM routes under its guard. */
export async function startScimHost(options: ScimHostOptions = {}): Promise<ScimHost> {
  const database = options.databaseUrl
    ? { url: options.databaseUrl, drop: () => Promise.resolve() }
    : await createTestDatabase();
  const config = loadConfig({
    NODE_ENV: 'test',
    ...databaseVariables(database.url),
    JWT_SECRET,
    RATE_LIMIT_PER_MINUTE: '0',
    SCIM_TOKEN_PEPPER: 'e2e-pepper-of-thirty-two-bytes-or-more',
    SCIM_TOKEN_USAGE_FLUSH_SECONDS: '1',
    ...options.env,
  });
  const ours = AppModule.forRoot({
    config,
    databaseUrl: database.url,
    tenantDirectory: new OpenTenantDirectory(),
    ...(options.clock && { clock: options.clock }),
  });
  const tokens = ours.imports!.filter(
    (part) => 'module' in part && part.module === ScimTokensModule,
  );
  const app = await NestFactory.create<NestExpressApplication>(
    { module: options.module ?? HostModule, imports: [ours, ...tokens] },
    { logger: false, abortOnError: false },
  );
  if (options.env?.SCIM_TOKEN_BCRYPT_COST === undefined) hashCheaply(app);
  options.configure?.(app);
  const close = async (): Promise<void> => {
    await app.close();
    await database.drop();
  };
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl: database.url,
    app,
    close,
  };
}
