import { isScimScope, type ScimScope } from '../../core/token';
import { hash, timingSafeEqual } from 'node:crypto';
import {
  Injectable,
  Logger,
  NotFoundException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { LogEntry } from '../../core/log-entry';
import {
  clientIp,
  type IncomingRequest,
  queryOf,
  requestIdOf,
  valuesOf,
} from '../../http/incoming-request';
import { formPairs } from '../../http/form';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { admitRequest } from '../admit-request';
import { logRefusal, ScimTokenRefusedError } from '../../core/refusal';
import { ScimRouteError } from '../scim-route-error';
import { ScimTokenVerifier } from '../../verification/scim-token.verifier';
import { TenantPath } from './tenant-path';

/** Milliseconds between two log lines about a proxy that is not set up right. */
const LOG_EVERY_MS = 60_000;
/** Seconds after which a SCIM client may try again while it is not. */
const RETRY_SECONDS = 30;

type ProxyRequest = IncomingRequest & { readonly method: string };

/**
 * Checks the SCIM token of a request that a reverse proxy holds back meanwhile. The proxy shows that it is
 * ours by a secret, and says in one header where the request goes; whatever it does not say right is our
 * own trouble, a 503, and nobody's refusal.
 */
@Injectable()
export class ProxiedRequestGuard implements CanActivate {
  private readonly logger = new Logger(ProxiedRequestGuard.name);
  private readonly path: TenantPath | null;
  private loggedAt = -Infinity;

  constructor(
    private readonly verifier: ScimTokenVerifier,
    private readonly options: ResolvedScimTokensOptions,
  ) {
    this.path = TenantPath.of(options.baseUrlTemplate);
  }

  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<ProxyRequest>();
    const { verifySecret, verifyUriHeader } = this.options;
    const url = request.originalUrl ?? request.url;
    if (verifySecret === null || verifyUriHeader === null || this.path === null) {
      throw new NotFoundException(`Cannot ${request.method} ${url}`);
    }
    if (!isSecret(request.headers['x-scim-verify-secret'], verifySecret)) {
      throw this.misconfigured('X-Scim-Verify-Secret is missing or wrong');
    }
    const [target, ...others] = valuesOf(request, verifyUriHeader);
    if (target === undefined || others.length > 0) {
      throw this.misconfigured(`${verifyUriHeader} must be there exactly once`);
    }
    const scopes = scopesIn(url);
    if (scopes === null) {
      throw this.misconfigured('The query takes scope alone, with scopes that there are');
    }
    const tenantId = this.path.tenantIn(target);
    if (tenantId === null) throw this.refusedPath(request, this.path.tenantMeantBy(target));
    return admitRequest(request, { tenantId, scopes }, this.verifier, this.logger);
  }

  /** What the path of a tenant is refused for its administrators learn, as of any other refusal. */
  private refusedPath(request: ProxyRequest, tenantId: string | null): ScimRouteError {
    if (tenantId === null) {
      this.logger.warn(
        new LogEntry(
          'The path is none of a tenant: compare what the proxy sends with the base URL template',
          { request_id: requestIdOf(request) },
        ),
      );
    } else {
      const refusal = new ScimTokenRefusedError('malformed', 'ambiguous_path');
      this.verifier.note(refusal, { tenantId, ip: clientIp(request) });
      logRefusal(refusal, requestIdOf(request), this.logger);
    }
    return ScimRouteError.refused();
  }

  private misconfigured(problem: string): ScimRouteError {
    const now = performance.now();
    if (now - this.loggedAt >= LOG_EVERY_MS) {
      this.loggedAt = now;
      this.logger.error(`Verification for reverse proxies: ${problem}`);
    }
    return ScimRouteError.unavailable(RETRY_SECONDS);
  }
}

/** In constant time: digests are of one length, whatever was sent. */
function isSecret(given: string | string[] | undefined, secret: string): boolean {
  // Node reads headers as Latin-1: back to the bytes that were sent.
  const bytes = Buffer.from(typeof given === 'string' ? given : '', 'latin1');
  return timingSafeEqual(hash('sha256', bytes, 'buffer'), hash('sha256', secret, 'buffer'));
}

/** The scopes that the proxy asks for; null where its query does not make sense. */
function scopesIn(url: string): ScimScope[] | null {
  // A second question mark is passed over.
  const query = queryOf(url).replace(/^\?/, '');
  const words = formPairs(query).flatMap(([name, value]) =>
    name === 'scope' ? value.split(' ') : [''],
  );
  return words.every(isScimScope) ? words : null;
}
