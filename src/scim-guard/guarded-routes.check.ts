import {
  Injectable,
  Logger,
  RequestMethod,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import {
  GUARDS_METADATA,
  METHOD_METADATA,
  MODULE_PATH,
  PATH_METADATA,
} from '@nestjs/common/constants';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModulesContainer,
} from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import {
  expressLeavesScimBodies,
  fastifyRefusesScimBodies,
  SCIM_PARSER_LINES,
  takesParsedBody,
} from './scim-body-parsers';
import { REQUIRED_SCOPES } from './scim-route.decorators';
import { ScimTokenGuard } from './scim-token.guard';

type Handler = (...args: never[]) => unknown;

interface WritingRoute {
  readonly name: string;
  readonly takesParsedBody: boolean;
}

const WRITING = [RequestMethod.POST, RequestMethod.PUT, RequestMethod.PATCH];

/** Several registrations of ours look at the same routes. */
const looked = new WeakSet<object>();

/**
 * Stops the app's start where a route under ScimTokenGuard does not say which tenant and which scopes it is
 * for, or a route that names scopes is not under the guard: a mistake must not wait for its first request.
 * Warns where nothing could read what SCIM clients send to one.
 */
@Injectable()
export class GuardedRoutesCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(GuardedRoutesCheck.name);
  private readonly writing: WritingRoute[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly options: ResolvedScimTokensOptions,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** @throws Error that names every such route */
  onApplicationBootstrap(): void {
    const problems = this.discovery.getControllers().flatMap(({ metatype, host }) => {
      if (typeof metatype !== 'function') return [];
      const controller = metatype as Type<object>;
      const prefix = `${this.config.getGlobalPrefix()}/${this.modulePath(host?.metatype)}`;
      const prototype = controller.prototype as Record<string, Handler>;
      return this.scanner
        .getAllMethodNames(prototype)
        .flatMap((name) => this.problemsOf(controller, name, prototype[name], prefix, host));
    });
    if (problems.length > 0) throw new Error(problems.join('\n'));
    this.warnOfUnreadBodies(this.adapterHost);
  }

  private warnOfUnreadBodies({ httpAdapter }: Partial<HttpAdapterHost>): void {
    if (this.writing.length === 0 || !httpAdapter || looked.has(httpAdapter)) return;
    looked.add(httpAdapter);
    const type = httpAdapter.getType();
    if (type !== 'express' && type !== 'fastify') return;
    const unread =
      type === 'fastify'
        ? fastifyRefusesScimBodies(httpAdapter)
        : expressLeavesScimBodies(httpAdapter);
    // Express passes unread bodies on, and a handler may read one itself.
    const routes = this.writing.filter((route) => type === 'fastify' || route.takesParsedBody);
    if (!unread || routes.length === 0) return;
    this.logger.warn(
      `No body parser takes application/scim+json, which SCIM clients send to ${routes.map(({ name }) => name).join(', ')}. ` +
        `Before the app listens, add: ${SCIM_PARSER_LINES[type]}`,
    );
  }

  private problemsOf(
    controller: Type<object>,
    name: string,
    handler: Handler | undefined,
    prefix: string,
    module: Module | undefined,
  ): string[] {
    if (!handler || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const route = `${controller.name}.${name}`;
    const namesScopes = [handler, controller].some((at) =>
      Reflect.hasMetadata(REQUIRED_SCOPES, at),
    );
    const guard = [handler, controller].flatMap(guardsOf).find(isOurs);
    if (!guard) {
      return namesScopes && !this.isGlobal()
        ? [`${route} has @RequireScimScopes, but is not under ScimTokenGuard`]
        : [];
    }
    if (WRITING.includes(Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod)) {
      this.writing.push({ name: route, takesParsedBody: takesParsedBody(controller, name) });
    }
    const problems: string[] = [];
    if (!namesScopes) {
      problems.push(`${route} is under ScimTokenGuard, but has no @RequireScimScopes(…)`);
    }
    const parameter = `:${this.tenantParamOf(guard, module)}`;
    for (const path of paths(controller).flatMap((base) => paths(handler, base))) {
      if (!`${prefix}/${path}`.split(/[/.-]/).includes(parameter)) {
        problems.push(`${route} is under ScimTokenGuard, but its path has no ${parameter}`);
      }
    }
    return problems;
  }

  /** The parameter that this very guard reads: the app may hold several registrations of ours. */
  private tenantParamOf(guard: unknown, module: Module | undefined): string {
    const instance = typeof guard === 'function' ? module?.injectables.get(guard)?.instance : guard;
    return instance instanceof ScimTokenGuard ? instance.tenantParam : this.options.tenantParam;
  }

  private isGlobal(): boolean {
    return this.config.getGlobalGuards().some((guard) => guard instanceof ScimTokenGuard);
  }

  /** The prefix that Nest's RouterModule gave the module. */
  private modulePath(module: unknown): string {
    if (typeof module !== 'function') return '';
    const key = MODULE_PATH + this.modules.applicationId;
    const path: unknown =
      Reflect.getMetadata(key, module) ?? Reflect.getMetadata(MODULE_PATH, module);
    return typeof path === 'string' ? path : '';
  }
}

function guardsOf(target: object): unknown[] {
  return (Reflect.getMetadata(GUARDS_METADATA, target) ?? []) as unknown[];
}

function isOurs(guard: unknown): boolean {
  return (
    guard instanceof ScimTokenGuard ||
    guard === ScimTokenGuard ||
    (typeof guard === 'function' && guard.prototype instanceof ScimTokenGuard)
  );
}

function paths(target: object, base = ''): string[] {
  const path = (Reflect.getMetadata(PATH_METADATA, target) ?? '') as string | string[];
  return [path].flat().map((part) => `${base}/${part}`);
}
