import { applyDecorators, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { Context } from '../admin/tenant-scope';
import type { Language } from '../core/languages';
import type { RequestContext } from '../core/request-context';
import { SETUP_API_PATH } from '../core/setup-urls';
import { ApiBody, ApiOperation } from '../http/openapi-decorators';
import { ApiErrors, ApiRefusedLink, success } from '../http/operation.docs';
import { JsonBody, validated } from '../http/validated-input';
import { SetupApi } from '../setup/session/setup-api.decorator';
import { AnswerLanguage } from '../setup/session/setup-link.guard';
import { AcceptLanguage, CONTENT_LANGUAGE } from '../setup/session/setup.docs';
import { SetupExplainDto, SetupExplanationResponse } from './setup-explain.dto';
import { SetupExplainer } from './setup-explainer';

const SetupExplainDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'explain_scim_setup',
      summary: 'Explain Scim Setup',
      description:
        "What would be said to a header that the identity provider's console shows. Of another tenant's value it says what it says of one that nobody has. Nothing is counted of it, as a use or as a failure.",
    }),
    ApiBody({ type: SetupExplainDto }),
    AcceptLanguage(),
    success(200, SetupExplanationResponse, CONTENT_LANGUAGE),
    ApiErrors(413, 415, 429, 503),
    ApiRefusedLink(),
  );

/** Tells the reader of the setup page what is wrong with a header. */
@Controller(SETUP_API_PATH)
@SetupApi()
export class SetupExplainController {
  constructor(private readonly explainer: SetupExplainer) {}

  @Post('explain')
  @SetupExplainDocs()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  explain(
    @Context() context: RequestContext,
    @AnswerLanguage() language: Language,
    @JsonBody(validated(SetupExplainDto)) { authorization }: Readonly<SetupExplainDto>,
  ): Promise<SetupExplanationResponse> {
    return this.explainer.explain(context, authorization, language);
  }
}
