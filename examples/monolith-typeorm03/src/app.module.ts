import { Module, ValidationPipe } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SnakeNamingStrategy } from 'typeorm-naming-strategies';
import { required } from './environment.js';
import { EnvelopeInterceptor, ResolvePromisesInterceptor } from './interceptors.js';
import { RoomsModule } from './rooms.controller.js';
import { scimTokens } from './scim-tokens.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: required('DATABASE_URL'),
      autoLoadEntities: true,
      synchronize: true,
      namingStrategy: new SnakeNamingStrategy(),
    }),
    RoomsModule,
    ...scimTokens(),
  ],
  providers: [
    { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, transform: true }) },
    { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
    { provide: APP_INTERCEPTOR, useClass: ResolvePromisesInterceptor },
  ],
})
export class AppModule {}
