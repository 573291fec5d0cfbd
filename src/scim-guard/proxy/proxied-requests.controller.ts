import { Controller, Get, Header, HttpCode, Res, UseFilters, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiTags } from '../../http/openapi-decorators';
import { VERIFICATION_TAG } from '../../admin/admin-api.decorator';
import { DEFAULT_EXTRAS } from '../../core/scim-tokens.options';
import { CurrentScimToken } from '../scim-route.decorators';
import { ScimRouteErrorFilter } from '../scim-route-error';
import type { VerifiedScimToken } from '../../verification/scim-token.verifier';
import { ProxiedRequestGuard } from './proxied-request.guard';
import { VerifyProxiedDocs } from './proxied-requests.docs';

/** Verification for reverse proxies: nginx's auth_request, Traefik's forwardAuth. */
@Controller(DEFAULT_EXTRAS.publicPath)
@UseGuards(ProxiedRequestGuard)
@UseFilters(ScimRouteErrorFilter)
@ApiTags(VERIFICATION_TAG)
export class ProxiedRequestsController {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** Tells the token in headers: reverse proxies read no body. */
  @Get('verify')
  @VerifyProxiedDocs()
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  verify(
    @CurrentScimToken() { tenantId, tokenId, scopes }: VerifiedScimToken,
    @Res({ passthrough: true }) response: object,
  ): void {
    const { httpAdapter } = this.adapterHost;
    httpAdapter.setHeader(response, 'X-Scim-Tenant-Id', headerText(tenantId));
    httpAdapter.setHeader(response, 'X-Scim-Token-Id', tokenId);
    httpAdapter.setHeader(response, 'X-Scim-Scopes', scopes.join(' '));
  }
}

/** What a header cannot hold is percent-encoded; a tenant's id in a path has no percent sign. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
