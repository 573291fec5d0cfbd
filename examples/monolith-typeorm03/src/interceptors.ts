import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { map, mergeMap, type Observable } from 'rxjs';

/** Waits for promises anywhere in an answer. */
export class ResolvePromisesInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(mergeMap(resolved));
  }
}

/** Wraps every answer in the application's envelope. */
export class EnvelopeInterceptor implements NestInterceptor<{ message?: string }> {
  intercept(_: ExecutionContext, next: CallHandler<{ message?: string }>): Observable<object> {
    return next.handle().pipe(map((data) => ({ message: data.message ?? 'OK', data })));
  }
}

async function resolved(value: unknown): Promise<unknown> {
  const settled = await value;
  if (typeof settled !== 'object' || settled === null || settled instanceof Date) return settled;
  if (Array.isArray(settled)) return Promise.all(settled.map(resolved));
  const entries = Object.entries(settled).map(async ([key, item]) => [key, await resolved(item)]);
  return Object.fromEntries(await Promise.all(entries)) as object;
}
