import type { AddressInfo, Server } from 'node:net';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  CurrentScimToken,
  RequireScimScopes,
  ScimTokenGuard,
  ScimTokensModule,
  ScimTokenVerifier,
  type VerifiedScimToken,
} from '../../src';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { HOST_SECRET } from './support/host.module';

@Controller('tenants/:tenant_id/users')
@UseGuards(ScimTokenGuard)
class UsersController {
  @Get()
  @RequireScimScopes('users:read')
  list(@CurrentScimToken() token: VerifiedScimToken): VerifiedScimToken {
    return token;
  }
}

describe("A host's own test", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** What a handler under the guard answers without a token, and what the log says. */
  async function answerWith(override: (builder: TestingModuleBuilder) => TestingModuleBuilder) {
    const builder = Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, poolSize: 2 }),
        ScimTokensModule.forRoot({
          baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
          jwt: { key: { secret: HOST_SECRET } },
        }),
      ],
      controllers: [UsersController],
    });
    const module = await override(builder).compile();
    const errors: string[] = [];
    const silent = (): void => undefined;
    const error = (message: unknown) => void errors.push(String(message));
    const app = module.createNestApplication({ logger: { log: silent, warn: silent, error } });
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/tenants/tnt_a/users`);
    const body: unknown = await response.json();
    await app.close();
    return { status: response.status, body, errors: errors.join('\n') };
  }

  it('that overrides the verifier gets its token in the handler', async () => {
    const token = { tokenId: 'sct_test', tenantId: 'tnt_a', scopes: ['users:read'] };
    const verifier = { verifyAuthorization: () => Promise.resolve(token) };
    const answer = await answerWith((builder) =>
      builder.overrideProvider(ScimTokenVerifier).useValue(verifier),
    );
    expect(answer).toEqual({ status: 200, body: token, errors: '' });
  });

  it('that overrides the guard alone is told what to override instead', async () => {
    const answer = await answerWith((builder) =>
      builder.overrideGuard(ScimTokenGuard).useValue({ canActivate: () => true }),
    );
    expect(answer.status).toBe(500);
    expect(answer.errors).toContain('override ScimTokenVerifier instead');
  });
});
