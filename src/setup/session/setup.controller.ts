import { Controller, Get, Header, Post, UseInterceptors } from '@nestjs/common';
import { Context } from '../../admin/tenant-scope';
import type { Language } from '../../core/languages';
import type { RequestContext } from '../../core/request-context';
import type { StoredSetupLink } from '../../core/setup-link';
import { SETUP_API_PATH } from '../../core/setup-urls';
import type { Tenant } from '../../core/tenant-directory';
import { JsonBody, validated } from '../../http/validated-input';
import { GzippedInterceptor } from './gzipped.interceptor';
import type { MadeTokenResponse } from './made-token.response';
import { MakeTokenDto } from './make-token.dto';
import { SetupApi } from './setup-api.decorator';
import { AnswerLanguage, Link, LinkTenant } from './setup-link.guard';
import { SetupSessionService } from './setup-session.service';
import { MakeDocs, ReadDocs } from './setup.docs';
import type { SetupResponse } from './setup.response';
import { SetupTokenService } from './setup-token.service';

/** What the setup page shows, and what it makes. */
@Controller(SETUP_API_PATH)
@SetupApi()
export class SetupController {
  constructor(
    private readonly session: SetupSessionService,
    private readonly tokens: SetupTokenService,
  ) {}

  @Get()
  @ReadDocs()
  @UseInterceptors(GzippedInterceptor)
  @Header('Cache-Control', 'no-store')
  read(
    @Context() context: RequestContext,
    @Link() link: StoredSetupLink,
    @LinkTenant() tenant: Tenant,
    @AnswerLanguage() language: Language,
  ): Promise<SetupResponse> {
    return this.session.read(context, link, { tenant, language });
  }

  @Post('token')
  @MakeDocs()
  @Header('Cache-Control', 'no-store')
  make(
    @Context() context: RequestContext,
    @Link() link: StoredSetupLink,
    @JsonBody(validated(MakeTokenDto)) input: Readonly<MakeTokenDto>,
  ): Promise<MadeTokenResponse> {
    return this.tokens.make(context, link, input);
  }
}
