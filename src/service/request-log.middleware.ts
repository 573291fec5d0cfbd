import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { claimsIfAny } from '../admin/caller';
import { pathOf, requestIdOf } from '../http/incoming-request';
import { contextIfAny } from '../core/request-context';
import { redact } from './logger';
import type { ServiceMetrics } from './metrics/service-metrics';

/** Most characters of a path that are written. */
const PATH_MAX = 1024;

/**
 * Gives every request an id, and one log line when it is answered: id, caller, tenant, route, status
 * and duration. Neither headers nor bodies nor queries are written; what looks like a credential in a
 * path is struck out, and long ones are cut.
 */
export function requestLog(logger: Logger, metrics: ServiceMetrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const started = process.hrtime.bigint();
    const id = requestIdOf(request) ?? randomUUID();
    Object.assign(request, { id });
    response.setHeader('x-request-id', id);
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const { path } = (request.route ?? { path: '{*path}' }) as { path: string };
      const route = path === '{*path}' || path === '/{*path}' ? 'none' : path;
      const { method } = request;
      const status = response.writableFinished ? response.statusCode : 'aborted';
      metrics.countRequest({ method, route, status, seconds });
      // Known of a request that is refused, too: of a role that may not, of a tenant that is another's.
      const claims = claimsIfAny(request);
      const context = contextIfAny(request);
      logger.info({
        request_id: id,
        method,
        path: shownPath(request.originalUrl),
        route,
        status,
        duration_ms: Math.round(seconds * 1e6) / 1e3,
        ...(claims && { sub: claims.sub }),
        ...(context && { tenant: context.tenant?.id }),
      });
    });
    next();
  };
}

/** Struck out first: what is cut off in its middle would no longer look like a credential. */
function shownPath(url: string): string {
  return redact(pathOf(url)).slice(0, PATH_MAX);
}
