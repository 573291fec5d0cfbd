import type { ExecutionContext, NestInterceptor, Type } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/** Nest's wrapper of an interceptor that is made anew for each request. */
type RequestInterceptor = ReturnType<ApplicationConfig['getGlobalRequestInterceptors']>[number];

const OWN_ANSWERS = 'scim-tokens:own-answers';
/** One seam serves all registrations of an application. */
const kept = new WeakSet<ApplicationConfig>();

/** Marks a controller as one that {@link keepInterceptorsOff} keeps a host's global interceptors off. */
export function markOwnAnswers(controller: Type): void {
  Reflect.defineMetadata(OWN_ANSWERS, true, controller);
}

/**
 * Keeps a host's global interceptors off our routes: one that serializes, wraps or times out would change
 * answers that clients rely on, lose a value that is told once, or call a write failed that was done. Nest
 * asks its configuration for them when it registers a route, before it can know ours from others: so each is
 * handed out as one that steps aside on ours. Called before routes are registered.
 */
export function keepInterceptorsOff(config: ApplicationConfig): void {
  if (kept.has(config)) return;
  kept.add(config);
  const all = config.getGlobalInterceptors.bind(config);
  const perRequest = config.getGlobalRequestInterceptors.bind(config);
  config.getGlobalInterceptors = () => all().map(steppingAside);
  config.getGlobalRequestInterceptors = () => perRequest().map(madeSteppingAside);
}

function steppingAside(interceptor: Partial<NestInterceptor>): NestInterceptor {
  // What is none is left to Nest, which passes it over or says so.
  if (!isInterceptor(interceptor)) return interceptor as NestInterceptor;
  return {
    intercept: (context, next) =>
      answersItself(context) ? next.handle() : interceptor.intercept(context, next),
  };
}

function madeSteppingAside(wrapper: RequestInterceptor): RequestInterceptor {
  const getInstanceByContextId: RequestInterceptor['getInstanceByContextId'] = (...ids) => {
    const made = wrapper.getInstanceByContextId(...ids);
    return { ...made, instance: steppingAside(made.instance) };
  };
  return Object.assign(Object.create(wrapper) as RequestInterceptor, { getInstanceByContextId });
}

function isInterceptor(given: Partial<NestInterceptor> | null): given is NestInterceptor {
  return typeof given?.intercept === 'function';
}

/** Whether a host's global interceptors are kept off this route. */
export function answersItself(context: ExecutionContext): boolean {
  return Reflect.hasMetadata(OWN_ANSWERS, context.getClass());
}
