import { Body, Controller, Get, Module, Post, start } from 'framework';
import { isScimTokensRoute } from 'nest-scim-tokens';
import { scimTokens } from './scim-tokens.js';

@Controller('orders')
class OrdersController {
  @Get()
  list(): string[] {
    return ['first'];
  }

  @Post()
  create(@Body() order: object): object {
    return order;
  }
}

@Module({ controllers: [OrdersController] })
class OrdersModule {}

await start({
  url: process.env['DATABASE_URL'] ?? '',
  port: Number(process.env['PORT']),
  imports: [OrdersModule, ...(process.env['SCIM_TOKENS'] === 'off' ? [] : scimTokens())],
  isOpen: isScimTokensRoute,
});
