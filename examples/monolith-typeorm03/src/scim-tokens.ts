import { Controller, Get, Module, UseGuards, type DynamicModule, type Type } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import {
  CurrentScimToken,
  RequireScimScopes,
  ScimTokenGuard,
  ScimTokensModule,
  type VerifiedScimToken,
} from 'nest-scim-tokens';
import { required } from './environment.js';

/** A route for identity providers, in the application's envelope like its others. */
@Controller({ path: 'tenants/:tenant_id/scim-probe', version: '1' })
@ApiExcludeController()
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

/** The module, or nothing, so that a test can compare. */
export function scimTokens(): (DynamicModule | Type)[] {
  if (process.env['SCIM_TOKENS'] === 'off') return [];
  return [
    ScimTokensModule.forRoot({
      path: 'v1/admin/scim-tokens',
      publicPath: 'v1/scim-tokens',
      baseUrlTemplate: 'https://rooms.example.com/api/v1/tenants/{tenant_id}/scim/v2',
      jwt: { key: { secret: required('JWT_SECRET') } },
      runMigrations: true,
      isGlobal: true,
      swagger: false,
    }),
    ScimProbeModule,
  ];
}
