import type { NextFunction, Request, Response } from 'express';
import { pathOf } from '../http/url-path';

/** Most segments that are decoded one by one: each that cannot be costs an error. */
const MAX_SEGMENTS = 32;

/**
 * An id that cannot be percent-decoded is an unknown id, not a fault of its own: it is escaped once
 * more, so that the router hands it on as it was sent.
 */
export function tolerateBadEscapes(
  request: Request,
  _response: Response,
  next: NextFunction,
): void {
  if (request.url.includes('%')) {
    const path = pathOf(request.url);
    const segments = path.split('/');
    // No route has as many: there is nothing to tell one segment from another for.
    const escaped =
      segments.length > MAX_SEGMENTS ? escape(path) : segments.map(decodable).join('/');
    request.url = escaped + request.url.slice(path.length);
  }
  next();
}

function decodable(segment: string): string {
  try {
    decodeURIComponent(segment);
    return segment;
  } catch {
    return escape(segment);
  }
}

function escape(text: string): string {
  return text.replaceAll('%', '%25');
}
