import {
  Body,
  Catch,
  Controller,
  Get,
  HttpException,
  Inject,
  Injectable,
  Module,
  Post,
  Scope,
  SetMetadata,
  UseGuards,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  HttpAdapterHost,
  Reflector,
  REQUEST,
} from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ApiBearerAuth, ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { IsString, Length } from 'class-validator';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Observable } from 'rxjs';
import {
  Column,
  DefaultNamingStrategy,
  Entity,
  PrimaryGeneratedColumn,
  type DataSourceOptions,
  type Repository,
} from 'typeorm';
import {
  CurrentScimToken,
  isScimTokensRoute,
  RequireScimScopes,
  ScimTokenGuard,
  type VerifiedScimToken,
} from '../../../src';

/** A large application that knows nothing of ours but how to leave our routes to us. */
export const HOST_SECRET = 'host-secret-of-thirty-two-bytes-or-more';

const Public = () => SetMetadata('host:public', true);

@Entity({ name: 'projects' })
class Project {
  @ApiProperty()
  @PrimaryGeneratedColumn()
  id: number;

  @ApiProperty()
  @Column('varchar')
  name: string;
}

/** Of the same name as one of the contract's schemas, as a host may well have it. */
class ValidationError {
  @ApiProperty()
  hostsOwn: string;
}

class CreateProject {
  @ApiProperty()
  @IsString()
  @Length(1, 20)
  name: string;
}

@Injectable()
class HostJwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: HOST_SECRET });
  }

  validate({ sub }: { sub: string }): { hostUser: string } {
    return { hostUser: sub };
  }
}

@Injectable()
class HostGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(
    context: ExecutionContext,
  ): boolean | Promise<boolean> | Observable<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const open = this.reflector.getAllAndOverride<boolean | undefined>('host:public', targets);
    return open === true || isScimTokensRoute(context) || super.canActivate(context);
  }
}

@Catch()
class HostFilter implements ExceptionFilter {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    const body = { hostError: error instanceof HttpException ? error.getResponse() : 'oops' };
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }
}

@Injectable()
class HostInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response: unknown = context.switchToHttp().getResponse();
    this.adapterHost.httpAdapter.setHeader(response, 'x-host', 'yes');
    return next.handle();
  }
}

@Controller({ path: 'projects', version: '1' })
@ApiTags('Projects')
@ApiBearerAuth()
class ProjectsController {
  constructor(@InjectRepository(Project, 'host') private readonly projects: Repository<Project>) {}

  @Get()
  @ApiOkResponse({ type: [Project] })
  list(): Promise<Project[]> {
    return this.projects.find({ order: { id: 'ASC' } });
  }

  @Post()
  create(@Body() { name }: CreateProject): Promise<Project> {
    return this.projects.save({ name });
  }

  @Get('broken')
  @ApiOkResponse({ type: ValidationError })
  broken(): never {
    throw new Error('The host is broken');
  }
}

/** Made anew for every request, as everything that depends on it. */
@Controller({ path: 'whoami', scope: Scope.REQUEST })
class WhoAmIController {
  constructor(@Inject(REQUEST) private readonly request: { user: unknown }) {}

  @Get()
  whoAmI(): unknown {
    return this.request.user;
  }
}

/** A host's route under our guard, in a controller of request scope at that. */
@Controller({ path: 'tenants/:tenant_id/probe', scope: Scope.REQUEST })
@Public()
@UseGuards(ScimTokenGuard)
class ProbeController {
  constructor(@Inject(REQUEST) private readonly request: object) {}

  @Get()
  @RequireScimScopes('users:read')
  probe(@CurrentScimToken() { tokenId }: VerifiedScimToken): { token_id: string; same: boolean } {
    return { token_id: tokenId, same: 'headers' in this.request };
  }
}

@Module({ controllers: [ProbeController] })
export class ProbeModule {}

/** Names things its own way wherever it is asked. */
class HostNaming extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return (given ?? target).toLowerCase();
  }

  override prefixTableName(prefix: string, table: string): string {
    return `${prefix}app_${table}`;
  }

  override columnName(property: string, custom: string | undefined): string {
    return (custom ?? property).toLowerCase();
  }
}

/** The host's data source: in its own schema, with a prefix and a naming strategy. */
export function hostDataSource(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    schema: 'host_data',
    entityPrefix: 'acme_',
    namingStrategy: new HostNaming(),
    entities: [Project],
    synchronize: true,
    poolSize: 3,
  };
}

/** The application, with whatever modules of ours it embeds. */
export function hostModule(
  dataSource: DataSourceOptions,
  embedded: readonly (DynamicModule | Type)[],
) {
  const { url } = dataSource as { url: string };
  @Module({
    imports: [
      TypeOrmModule.forRoot({ ...dataSource, name: 'host', retryAttempts: 0 }),
      TypeOrmModule.forRoot({ type: 'postgres', url, poolSize: 1, retryAttempts: 0 }),
      TypeOrmModule.forFeature([Project], 'host'),
      ...embedded,
    ],
    controllers: [ProjectsController, WhoAmIController],
    providers: [
      HostJwtStrategy,
      { provide: APP_GUARD, useClass: HostGuard },
      { provide: APP_FILTER, useClass: HostFilter },
      { provide: APP_INTERCEPTOR, useClass: HostInterceptor },
      {
        provide: APP_PIPE,
        useValue: new ValidationPipe({
          whitelist: true,
          forbidNonWhitelisted: true,
          transform: true,
          validateCustomDecorators: true,
        }),
      },
    ],
  })
  class HostModule {}
  return HostModule;
}
