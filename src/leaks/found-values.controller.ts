import { Controller, Header, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { AuthLimits } from '../admin/auth-limits';
import { RestOfBodyGuard } from '../admin/admin.guards';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { BodyLimitGuard, isUnread, readUnread } from '../http/request-body';
import { originOf, type IncomingRequest } from '../http/incoming-request';
import { tokenParameter } from '../http/form';
import { ApiTags } from '../http/openapi-decorators';
import { LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { RevokeFoundDocs } from './leaks.docs';
import { LeaksService } from './leaks.service';

/** Path of what is no administrator's. */
const PUBLIC_PATH = 'api/v1/scim-tokens';

/** Revocation by RFC 7009, for whoever holds a value: a secret scanner, a passer-by who found it. */
@Controller(PUBLIC_PATH)
@UseGuards(BodyLimitGuard, RestOfBodyGuard)
@UseFilters(ApiExceptionFilter)
@ApiTags(LIFECYCLE_TAG)
export class FoundValuesController {
  constructor(
    private readonly leaks: LeaksService,
    private readonly limits: AuthLimits,
  ) {}

  @Post('revoke')
  @RevokeFoundDocs()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async revoke(@Req() request: IncomingRequest): Promise<void> {
    const finder = originOf(request);
    if (isUnread(request)) await readUnread(request);
    const token = tokenParameter(request);
    const liveOnly = this.limits.hasDeadValuesEnough(finder.ip);
    if (await this.leaks.revokeFound(finder, token, liveOnly)) return;
    this.limits.countDeadValue(finder.ip);
  }
}
