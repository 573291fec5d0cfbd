import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  CurrentScimToken,
  RequireScimScopes,
  ScimTokenGuard,
  type VerifiedScimToken,
} from 'nest-scim-tokens';
import { Public } from './auth/public.decorator';

/** A route for identity providers: guarded by SCIM tokens instead of the platform's own guard. */
@Controller('tenants/:tenant_id/scim-probe')
@ApiTags('SCIM probe')
@Public()
@UseGuards(ScimTokenGuard)
export class ScimProbeController {
  @Get()
  @RequireScimScopes('users:read')
  probe(@CurrentScimToken() { tokenId }: VerifiedScimToken): { token_id: string } {
    return { token_id: tokenId };
  }
}
