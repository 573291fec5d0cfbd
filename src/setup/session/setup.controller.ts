import { Controller, Get, Header, UseFilters, UseGuards } from '@nestjs/common';
import { SETUP_TAG } from '../../admin/admin-api.decorator';
import { RestOfBodyGuard } from '../../admin/admin.guards';
import { Context } from '../../admin/tenant-scope';
import type { Language } from '../../core/languages';
import type { RequestContext } from '../../core/request-context';
import type { StoredSetupLink } from '../../core/setup-link';
import { SETUP_API_PATH } from '../../core/setup-urls';
import { ApiExceptionFilter } from '../../http/api-exception.filter';
import { ApiBearerAuth, ApiTags } from '../../http/openapi-decorators';
import { BodyLimitGuard } from '../../http/request-body';
import { SetupEnabledGuard } from '../setup-enabled.guard';
import { AnswerLanguage, Link, SETUP_LINK_SECRET, SetupLinkGuard } from './setup-link.guard';
import { SetupSessionService } from './setup-session.service';
import { ReadDocs } from './setup.docs';
import type { SetupResponse } from './setup.response';

/** What the setup page calls, with the secret of its link: no cookie, and so nothing to forge a request with. */
@Controller(SETUP_API_PATH)
@UseGuards(SetupEnabledGuard, BodyLimitGuard, SetupLinkGuard, RestOfBodyGuard)
@UseFilters(ApiExceptionFilter)
@ApiTags(SETUP_TAG)
@ApiBearerAuth(SETUP_LINK_SECRET)
export class SetupController {
  constructor(private readonly session: SetupSessionService) {}

  @Get()
  @ReadDocs()
  @Header('Cache-Control', 'no-store')
  read(
    @Context() context: RequestContext,
    @Link() link: StoredSetupLink,
    @AnswerLanguage() language: Language,
  ): Promise<SetupResponse> {
    return this.session.read(context, link, language);
  }
}
