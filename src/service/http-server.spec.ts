import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ServiceAdapter } from './http-server';

@Controller()
class AnswersController {
  @Get('json')
  json() {
    return { name: 'Übung', at: null };
  }

  @Get('list')
  list() {
    return [1];
  }

  @Get('text')
  text() {
    return 'text';
  }

  @Get('typed')
  @Header('Content-Type', 'application/scim+json')
  typed() {
    return { detail: 'typed' };
  }
}

@Module({ controllers: [AnswersController] })
class AnswersModule {}

describe('The service’s HTTP adapter', () => {
  let app: NestExpressApplication;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    app = await NestFactory.create(AnswersModule, new ServiceAdapter(100), { logger: false });
    await app.listen(0, '127.0.0.1');
    server = app.getHttpServer();
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => app.close());

  it('hands Express requests and responses whose prototypes it need not change', async () => {
    const express = app.getHttpAdapter().getInstance() as { request: object; response: object };
    const asTheyCome = new Promise<object[]>((resolve) => {
      const look = (request: IncomingMessage, response: ServerResponse) => {
        resolve([request, response].map((part) => Object.getPrototypeOf(part) as object));
      };
      server.prependOnceListener('request', look);
    });
    await fetch(`${url}/json`);
    const [request, response] = await asTheyCome;
    expect(request).toBe(express.request);
    expect(response).toBe(express.response);
  });

  it.each([
    ['json', 'application/json; charset=utf-8', '{"name":"Übung","at":null}'],
    ['list', 'application/json; charset=utf-8', '[1]'],
    ['text', 'text/html; charset=utf-8', 'text'],
    ['typed', 'application/scim+json; charset=utf-8', '{"detail":"typed"}'],
  ])('answers with /%s as Express does', async (path, type, body) => {
    const answer = await fetch(`${url}/${path}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
    expect(await answer.text()).toBe(body);
  });

  it('sends no body to HEAD, and says how long it would be', async () => {
    const answer = await fetch(`${url}/json`, { method: 'HEAD' });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['27', '']);
  });
});
