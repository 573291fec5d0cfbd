import { Controller, Get, Module, Public, UseGuards } from 'framework';
import {
  CurrentScimToken,
  RequireScimScopes,
  ScimTokenGuard,
  ScimTokensModule,
  type VerifiedScimToken,
} from 'nest-scim-tokens';

@Controller('tenants/:tenant_id/scim-probe')
@Public()
@UseGuards(ScimTokenGuard)
class ScimProbeController {
  @Get()
  @RequireScimScopes('users:read')
  probe(@CurrentScimToken() { tokenId }: VerifiedScimToken): { token_id: string } {
    return { token_id: tokenId };
  }
}

@Module({ controllers: [ScimProbeController] })
class ScimProbeModule {}

export const scimTokens = () => [
  ScimTokensModule.forRoot({
    baseUrlTemplate: 'https://shop.example.com/tenants/{tenant_id}/scim/v2',
    jwt: { key: { secret: process.env['JWT_SECRET'] ?? '' } },
    runMigrations: true,
    isGlobal: true,
  }),
  ScimProbeModule,
];
