import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { RequireScimScopes, ScimTokenGuard } from '../../src/index';
import { ProbeController, startScimHost, type ScimHostOptions } from '../support/scim-host';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

@Controller('scim/v2')
@UseGuards(ScimTokenGuard)
class WithoutParameterController {
  @Get('Users')
  @RequireScimScopes()
  list(): object {
    return {};
  }
}

@Controller('scim/:tenant/v2')
@UseGuards(ScimTokenGuard)
class OtherParameterController {
  @Get('Users')
  @RequireScimScopes()
  list(): object {
    return {};
  }
}

@Controller('tenants/:tenant_id/scim/v2')
@UseGuards(ScimTokenGuard)
class WithoutScopesController {
  @Get('Users')
  list(): object {
    return {};
  }
}

@Controller('tenants/:tenant_id/scim/v2')
class WithoutGuardController {
  @Get('Users')
  @RequireScimScopes('users:read')
  list(): object {
    return {};
  }
}

@Controller(['tenants/:tenant_id/scim/v2', 'scim/v2'])
@UseGuards(ScimTokenGuard)
class TwoPathsController {
  @Get('Users')
  @RequireScimScopes()
  list(): object {
    return {};
  }
}

@Module({ controllers: [WithoutParameterController] })
class WithoutParameterModule {}
@Module({ controllers: [OtherParameterController] })
class OtherParameterModule {}
@Module({ controllers: [WithoutScopesController] })
class WithoutScopesModule {}
@Module({ controllers: [WithoutGuardController] })
class WithoutGuardModule {}
@Module({ controllers: [TwoPathsController] })
class TwoPathsModule {}
@Module({ controllers: [ProbeController] })
class ProbeModule {}
@Module({
  controllers: [WithoutParameterController],
  imports: [RouterModule.register([{ path: 'tenants/:tenant_id', module: PrefixedModule }])],
})
class PrefixedModule {}
@Module({
  controllers: [WithoutParameterController],
  imports: [RouterModule.register([{ path: 'tenants', module: WronglyPrefixedModule }])],
})
class WronglyPrefixedModule {}

const GLOBAL_PREFIX: ScimHostOptions = {
  configure: (app) => {
    app.setGlobalPrefix('t/:tenant_id');
  },
};

describe('An app with routes under the guard', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const start = (module: new () => object, options: ScimHostOptions = {}) =>
    startScimHost({ databaseUrl: database.url, module, ...options });

  it.each([
    ['no tenant in its path', WithoutParameterModule, 'has no :tenant_id'],
    ['a tenant by another name', OtherParameterModule, 'has no :tenant_id'],
    ['no scopes', WithoutScopesModule, 'has no @RequireScimScopes'],
    ['scopes but no guard', WithoutGuardModule, 'is not under ScimTokenGuard'],
    ['one path with and one without a tenant', TwoPathsModule, 'has no :tenant_id'],
    ['a module prefix without a tenant', WronglyPrefixedModule, 'has no :tenant_id'],
  ])('does not start where one has %s', async (_, module, problem) => {
    await expect(start(module)).rejects.toThrow(problem);
  });

  it.each([
    ['the prefix of the module', PrefixedModule, {}, '/tenants/tnt_a/scim/v2/Users'],
    ['the global prefix', WithoutParameterModule, GLOBAL_PREFIX, '/t/tnt_a/scim/v2/Users'],
    ['the path', ProbeModule, {}, '/tenants/tnt_a/scim/v2/Users'],
  ])('starts where %s names the tenant, and guards', async (_, module, options, path) => {
    const host = await start(module, options);
    expect((await fetch(host.url + path)).status).toBe(401);
    await host.close();
  });
});
