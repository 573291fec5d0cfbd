import { Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JwtAuthGuard } from './auth/jwt-auth.guard.js';
import { JwtStrategy } from './auth/jwt.strategy.js';
import { required } from './environment.js';
import { ProblemFilter } from './platform/problem.filter.js';
import { ServerNameInterceptor } from './platform/server-name.interceptor.js';
import { CreateProjects1700000000000 } from './projects/create-projects.migration.js';
import { Project } from './projects/project.entity.js';
import { ProjectsModule } from './projects/projects.module.js';
import { scimTokens } from './scim-tokens.js';

/** The platform: whatever stands here applies to all of its routes. */
@Module({
  imports: [
    TypeOrmModule.forRoot({
      name: 'platform',
      type: 'postgres',
      url: required('DATABASE_URL'),
      entities: [Project],
      migrations: [CreateProjects1700000000000],
      migrationsTableName: 'platform_migrations',
      migrationsRun: true,
    }),
    ProjectsModule,
    ...scimTokens(),
  ],
  providers: [
    JwtStrategy,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, transform: true }) },
    { provide: APP_INTERCEPTOR, useClass: ServerNameInterceptor },
  ],
})
export class AppModule {}
