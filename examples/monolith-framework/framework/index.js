'use strict';
require('reflect-metadata');
const { Body, Controller, Get, Module, Post, SetMetadata, UseGuards } = require('@nestjs/common');
const { NestFactory, Reflector, APP_GUARD, APP_INTERCEPTOR } = require('@nestjs/core');
const { TypeOrmModule } = require('@nestjs/typeorm');
const { map } = require('rxjs');

const Public = () => SetMetadata('framework:public', true);

/** Wraps the framework's answers. */
const envelope = {
  intercept: (context, next) => next.handle().pipe(map((data) => ({ data }))),
};

/** Starts an application: Nest is the framework's, and so are its global guard and interceptor. */
async function start({ url, port, imports, isOpen }) {
  const guard = {
    canActivate: (context) =>
      isOpen(context) ||
      new Reflector().get('framework:public', context.getClass()) === true ||
      context.switchToHttp().getRequest().headers['x-session'] === 'alice',
  };
  class ApplicationModule {}
  Module({
    imports: [TypeOrmModule.forRoot({ type: 'postgres', url }), ...imports],
    providers: [
      { provide: APP_GUARD, useValue: guard },
      { provide: APP_INTERCEPTOR, useValue: envelope },
    ],
  })(ApplicationModule);
  const app = await NestFactory.create(ApplicationModule, {
    abortOnError: false,
    logger: ['error'],
  });
  app.enableShutdownHooks();
  await app.listen(port, '127.0.0.1');
}

module.exports = { Body, Controller, Get, Module, Post, Public, UseGuards, start };
