import type { AddressInfo, Server } from 'node:net';
import { Controller, Get, Param, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  ScimTokenRevokedError,
  ScimTokensModule,
  ScimTokenVerifier,
  TooManyActiveTokensError,
  type VerifiedScimToken,
} from '../../src';
import type { RequestContext } from '../../src/core/request-context';
import { ScimTokensService } from '../../src/scim-tokens/scim-tokens.service';
import { mintSecret } from '../../src/secrets/scim-token.secret';
import { PostgresTap } from '../support/postgres-tap';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { HOST_SECRET } from './support/host.module';

const CONTEXT: RequestContext = {
  actor: 'host',
  scope: { kind: 'tenants', tenantIds: ['tnt_a'] },
  tenant: { id: 'tnt_a', known: true, orphanedTokens: null },
  ip: null,
  userAgent: null,
  requestId: null,
};
const newValue = (): string => mintSecret('scim').value;
const ID = `sct_${'0'.repeat(32)}`;

/** Calls us from routes of its own, with nothing of ours around them. */
@Controller('own')
class OwnController {
  constructor(
    private readonly verifier: ScimTokenVerifier,
    private readonly tokens: ScimTokensService,
  ) {}

  @Get('verify/:value')
  verify(@Param('value') value: string): Promise<VerifiedScimToken> {
    return this.verifier.verify(value, { tenantId: 'tnt_a' });
  }

  @Get('token')
  token(): Promise<unknown> {
    return this.tokens.get(CONTEXT, ID);
  }

  @Get('create')
  create(): Promise<unknown> {
    const tenant = { id: 'tnt_x', known: false, orphanedTokens: null };
    return this.tokens.create({ ...CONTEXT, tenant }, { name: 'Okta' });
  }

  @Get('revoked')
  revoked(): never {
    throw new ScimTokenRevokedError();
  }

  @Get('room')
  room(): never {
    throw new TooManyActiveTokensError(20);
  }

  @Get('cursor')
  cursor(): Promise<unknown> {
    const cursor = { sort: '-name' };
    const query = { cursor, sort: 'name', page: 1, per_page: 20 };
    return this.tokens.list(CONTEXT, query as never);
  }
}

describe("A host's own route, under Nest's own filter,", () => {
  let database: TestDatabase;
  let tap: PostgresTap;
  let app: INestApplication;

  beforeAll(async () => {
    database = await createTestDatabase();
    tap = await PostgresTap.before(database.url);
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: tap.url, poolSize: 2 }),
        ScimTokensModule.forRoot({
          baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
          jwt: { key: { secret: HOST_SECRET } },
        }),
      ],
      controllers: [OwnController],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const answer = async (path: string): Promise<[status: number, body: unknown]> => {
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/own/${path}`);
    return [response.status, await response.json()];
  };

  it('answers what the services refuse by its status, and with the body of the contract', async () => {
    expect(await answer('token')).toEqual([404, { detail: 'SCIM token not found' }]);
    expect(await answer('create')).toEqual([404, { detail: 'Tenant not found' }]);
    expect(await answer('revoked')).toEqual([409, { detail: 'SCIM token is revoked' }]);
    expect(await answer('room')).toEqual([
      409,
      { detail: 'Tenant already has 20 active SCIM tokens' },
    ]);
    const msg = 'Value error, is not a cursor of this list';
    expect(await answer('cursor')).toEqual([
      422,
      { detail: [{ loc: ['query', 'cursor'], msg, type: 'value_error' }] },
    ]);
  });

  it('answers a token that the verifier refuses with 401, and tells no reason', async () => {
    const refused = [401, { detail: 'The SCIM token is missing or not accepted' }];
    expect(await answer('verify/nonsense')).toEqual(refused);
    expect(await answer(`verify/${newValue()}`)).toEqual(refused);
  });

  it('answers 503 while the database is away, from the verifier and from the services', async () => {
    await tap.close();
    const unavailable = [503, { detail: 'Service temporarily unavailable' }];
    expect(await answer(`verify/${newValue()}`)).toEqual(unavailable);
    expect(await answer('token')).toEqual(unavailable);
  });
});
