import type { NextFunction, Request, Response } from 'express';

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
    const [path = '', ...query] = request.url.split('?');
    request.url = [path.split('/').map(decodable).join('/'), ...query].join('?');
  }
  next();
}

function decodable(segment: string): string {
  try {
    decodeURIComponent(segment);
    return segment;
  } catch {
    return segment.replaceAll('%', '%25');
  }
}
