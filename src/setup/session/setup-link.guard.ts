import {
  createParamDecorator,
  Injectable,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { AuthLimits, RateWindow } from '../../admin/auth-limits';
import { SetupLinkRefusedError } from '../../core/errors';
import type { Language } from '../../core/languages';
import { setContext, tenants } from '../../core/request-context';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { setupActor, type StoredSetupLink } from '../../core/setup-link';
import { TenantDirectory, type Tenant } from '../../core/tenant-directory';
import { authorizationOf, readAuthorization } from '../../http/authorization';
import { clientIp, originOf, type IncomingRequest } from '../../http/incoming-request';
import { isUnread, readUnread } from '../../http/request-body';
import { SetupLinksRepository } from '../links/setup-links.repository';
import { bestLanguage } from './best-language';

/** Name of the security scheme in the OpenAPI document. */
export const SETUP_LINK_SECRET = 'setup_link';

/** Most requests by one link in a minute: several open pages. */
const REQUESTS_PER_MINUTE = 120;

const LINK = Symbol('scim-tokens.setup-link');

/** A link that works, and whose it is. */
interface FoundLink {
  readonly link: StoredSetupLink;
  readonly tenant: Tenant;
}

type LinkedRequest = IncomingRequest & { [LINK]?: FoundLink };

/** Bounds what one setup link may ask for in a minute, in each process. */
@Injectable()
export class SetupLimits {
  private readonly requests: RateWindow;

  constructor({ rateLimitPerMinute: perMinute }: ResolvedScimTokensOptions) {
    this.requests = new RateWindow(perMinute === 0 ? 0 : REQUESTS_PER_MINUTE);
  }

  /** @throws TooManyRequestsError where the link asked too often */
  countRequest(linkId: string): void {
    this.requests.take(linkId);
  }
}

/**
 * Lets whoever holds a setup link's secret pass, as the link and for its tenant alone. All others get one
 * answer, and count for their address as those do who fail to be administrators.
 */
@Injectable()
export class SetupLinkGuard implements CanActivate {
  constructor(
    private readonly links: SetupLinksRepository,
    private readonly directory: TenantDirectory,
    private readonly failures: AuthLimits,
    private readonly limits: SetupLimits,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<true> {
    const request = execution.switchToHttp().getRequest<LinkedRequest>();
    const found = await this.find(request);
    if (!found) {
      this.failures.countFailure(clientIp(request));
      throw new SetupLinkRefusedError();
    }
    const { link } = found;
    this.limits.countRequest(link.id);
    if (isUnread(request)) await readUnread(request);
    request[LINK] = found;
    const { tenant_id: id } = link;
    setContext(request, {
      actor: setupActor(link),
      scope: tenants(id),
      tenant: Object.freeze({ id, known: true, orphanedTokens: null }),
      ...originOf(request),
    });
    return true;
  }

  /** Of a tenant that the directory no longer knows no link works. */
  private async find(request: IncomingRequest): Promise<FoundLink | null> {
    const authorization = readAuthorization(authorizationOf(request));
    if (authorization.kind !== 'bearer') return null;
    const link = await this.links.findBySecret(authorization.value);
    const tenant = link && (await this.directory.find(link.tenant_id));
    return tenant && { link, tenant };
  }
}

/** Hands the handler the link whose secret the request carries. */
export const Link = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => foundBy(execution).link,
);

/** Hands the handler the tenant whose link it is, as the directory knows it. */
export const LinkTenant = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => foundBy(execution).tenant,
);

/** The language of the answer: the link's, else the best one for the browser. Says so in `Content-Language`. */
export const AnswerLanguage = createParamDecorator((_: unknown, execution: ExecutionContext) => {
  const http = execution.switchToHttp();
  const { headers } = http.getRequest<IncomingRequest>();
  const own = foundBy(execution).link.language as Language | null;
  const language = own ?? bestLanguage(headers['accept-language']);
  http
    .getResponse<{ header(name: string, value: string): unknown }>()
    .header('Content-Language', language);
  return language;
});

function foundBy(execution: ExecutionContext): FoundLink {
  const found = execution.switchToHttp().getRequest<LinkedRequest>()[LINK];
  if (!found) throw new Error('No setup link was looked for');
  return found;
}
