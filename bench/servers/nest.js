'use strict';
require('reflect-metadata');
const { Controller, Get, Headers, Module, Param } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { get, list, tenantOf } = require('./shared');

/** The same handlers on bare Nest: no guard, no interceptor, no filter, no log. */
class TokensController {
  list(authorization) {
    return list(tenantOf(authorization));
  }

  get(authorization, id) {
    return get(tenantOf(authorization), id);
  }
}

const decorate = (name, path, ...parameters) => {
  const descriptor = Object.getOwnPropertyDescriptor(TokensController.prototype, name);
  Get(path)(TokensController.prototype, name, descriptor);
  parameters.forEach((parameter, index) => parameter(TokensController.prototype, name, index));
};
decorate('list', '', Headers('authorization'));
decorate('get', ':id', Headers('authorization'), Param('id'));
Controller('api/v1/admin/scim-tokens')(TokensController);

class BenchModule {}
Module({ controllers: [TokensController] })(BenchModule);

NestFactory.create(BenchModule, { logger: false }).then((app) =>
  app.listen(Number(process.env.PORT), '127.0.0.1'),
);
