import type { NextFunction, Request, Response } from 'express';

/**
 * Makes SCIM requests alike before they are routed: doubled slashes, which come from a base URL that was
 * entered with one at its end, are one; what cannot be percent-decoded is an unknown id.
 */
export function alikeScimRequests(request: Request, response: Response, next: NextFunction): void {
  const [path = '', ...query] = request.url.split('?');
  request.url = [
    path
      .replace(/\/{2,}/g, '/')
      .split('/')
      .map(decodable)
      .join('/'),
    ...query,
  ].join('?');
  response.setHeader('Content-Type', 'application/scim+json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function decodable(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    decodeURIComponent(segment);
    return segment;
  } catch {
    return segment.replaceAll('%', '%25');
  }
}
