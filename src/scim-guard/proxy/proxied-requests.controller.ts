import {
  Controller,
  Get,
  Header,
  HttpCode,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiTags } from '../../http/openapi-decorators';
import { VERIFICATION_TAG } from '../../admin/admin-api.decorator';
import { DEFAULT_EXTRAS } from '../../core/scim-tokens.extras';
import { CurrentScimToken } from '../current-scim-token.decorator';
import { ScimRouteErrorFilter } from '../scim-route-error.filter';
import type { VerifiedScimToken } from '../../verification/scim-token.verifier';
import { IdentityHeadersInterceptor } from './identity-headers.interceptor';
import { ProxiedRequestGuard } from './proxied-request.guard';
import { VerifyProxiedDocs } from './proxied-requests.docs';

/** Verification for reverse proxies: nginx's auth_request, Traefik's forwardAuth. */
@Controller(DEFAULT_EXTRAS.publicPath)
@UseGuards(ProxiedRequestGuard)
@UseInterceptors(IdentityHeadersInterceptor)
@UseFilters(ScimRouteErrorFilter)
@ApiTags(VERIFICATION_TAG)
export class ProxiedRequestsController {
  @Get('verify')
  @VerifyProxiedDocs()
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  verify(@CurrentScimToken() token: VerifiedScimToken): VerifiedScimToken {
    return token;
  }
}
