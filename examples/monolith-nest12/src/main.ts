import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.setGlobalPrefix('platform');
app.enableShutdownHooks();
const document = SwaggerModule.createDocument(
  app,
  new DocumentBuilder().setTitle('Platform').setVersion('1').addBearerAuth().build(),
);
SwaggerModule.setup('docs', app, document, { useGlobalPrefix: true });
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
