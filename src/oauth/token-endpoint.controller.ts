import {
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Options,
  Patch,
  Post,
  Put,
  Req,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { OAUTH_TAG } from '../admin/admin-api.decorator';
import { MethodNotAllowedError } from '../core/errors';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.options';
import { EnabledGuard } from '../http/enabled.guard';
import type { IncomingRequest } from '../http/incoming-request';
import { ApiExcludeController, ApiTags } from '../http/openapi-decorators';
import type { AccessTokenResponse } from './access-token.response';
import { TokenEndpointDocs } from './token-endpoint.docs';
import { NO_STORE, TokenEndpointFilter } from './oauth-error';
import { TokenEndpointService } from './token-endpoint.service';

const PATH = 'oauth/token';

/** The token endpoint, RFC 6749 §3.2, for the clients that are our tokens. Without OAuth there is none. */
@Controller(DEFAULT_EXTRAS.publicPath)
@UseGuards(EnabledGuard('oauth'))
@UseFilters(TokenEndpointFilter)
@ApiTags(OAUTH_TAG)
export class TokenEndpointController {
  constructor(private readonly endpoint: TokenEndpointService) {}

  @Post(PATH)
  @TokenEndpointDocs()
  @HttpCode(200)
  @Header('Cache-Control', NO_STORE['Cache-Control'])
  @Header('Pragma', NO_STORE.Pragma)
  issue(@Req() request: IncomingRequest): Promise<AccessTokenResponse> {
    return this.endpoint.issue(request);
  }
}

/** Answers for the other methods: inside a host nothing else would say that the path takes one. */
@Controller(DEFAULT_EXTRAS.publicPath)
@UseGuards(EnabledGuard('oauth'))
@UseFilters(TokenEndpointFilter)
@ApiExcludeController()
export class TokenEndpointMethodsController {
  @Get(PATH)
  get(): never {
    return this.refuse();
  }

  @Put(PATH)
  put(): never {
    return this.refuse();
  }

  @Patch(PATH)
  patch(): never {
    return this.refuse();
  }

  @Delete(PATH)
  delete(): never {
    return this.refuse();
  }

  @Options(PATH)
  options(): never {
    return this.refuse();
  }

  private refuse(): never {
    throw new MethodNotAllowedError(['POST']);
  }
}
