import { Controller, Get, Header } from '@nestjs/common';
import { Context } from '../../admin/tenant-scope';
import type { Language } from '../../core/languages';
import type { RequestContext } from '../../core/request-context';
import type { StoredSetupLink } from '../../core/setup-link';
import { SETUP_API_PATH } from '../../core/setup-urls';
import { SetupApi } from './setup-api.decorator';
import { AnswerLanguage, Link } from './setup-link.guard';
import { SetupSessionService } from './setup-session.service';
import { ReadDocs } from './setup.docs';
import type { SetupResponse } from './setup.response';

/** What the setup page shows, and what it makes. */
@Controller(SETUP_API_PATH)
@SetupApi()
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
