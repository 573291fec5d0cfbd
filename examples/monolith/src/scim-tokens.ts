import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { ScimTokensModule, type ScimTokensModuleOptions } from 'nest-scim-tokens';
import { required } from './environment';
import { ScimProbeController } from './scim-probe.controller';

/** The application's routes that SCIM tokens guard. */
@Module({ controllers: [ScimProbeController] })
class ScimProbeModule {}

const options = (): ScimTokensModuleOptions => ({
  baseUrlTemplate: 'https://platform.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: required('JWT_SECRET') } },
  runMigrations: true,
  setup: { brand: { name: 'Platform', color: '#1a4fd6' } },
});
const wiring = { dataSource: 'platform', isGlobal: true };

/** The module in either of its registrations, or nothing, so that a test can compare. */
export function scimTokens(): (DynamicModule | Type)[] {
  switch (process.env.SCIM_TOKENS ?? 'forRoot') {
    case 'off':
      return [];
    case 'forRoot':
      return [ScimTokensModule.forRoot({ ...options(), ...wiring }), ScimProbeModule];
    case 'forRootAsync':
      return [ScimTokensModule.forRootAsync({ useFactory: options, ...wiring }), ScimProbeModule];
    default:
      throw new Error('SCIM_TOKENS takes off, forRoot or forRootAsync');
  }
}
