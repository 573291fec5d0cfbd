import { Controller, Header, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { AuthLimits } from '../admin/auth-limits';
import { RestOfBodyGuard } from '../admin/rest-of-body.guard';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { BodyLimitGuard } from '../http/body-limit.guard';
import { clientIp } from '../http/client-ip';
import { requestIdOf, type IncomingRequest } from '../http/incoming-request';
import { tokenParameter } from '../http/token-parameter';
import { isUnread, readUnread } from '../http/unread-body';
import { ApiTags } from '../http/openapi-decorators';
import { LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { RevokeFoundDocs } from './leaks.docs';
import { LeaksService } from './leaks.service';

/** Path of what is no administrator's. */
const PUBLIC_PATH = 'api/v1/scim-tokens';
/** Longest user agent that is kept, in UTF-16 units. */
const USER_AGENT_MAX = 512;

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
    const ip = clientIp(request);
    if (isUnread(request)) await readUnread(request);
    const token = tokenParameter(request);
    const userAgent = request.headers['user-agent']?.slice(0, USER_AGENT_MAX) ?? null;
    const finder = { ip, userAgent, requestId: requestIdOf(request) };
    const liveOnly = this.limits.hasDeadValuesEnough(ip);
    if (!(await this.leaks.revokeFound(finder, token, liveOnly))) this.limits.countDeadValue(ip);
  }
}
