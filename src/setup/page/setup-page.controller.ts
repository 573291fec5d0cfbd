import { Controller, Get, Param, Req, Res, StreamableFile, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DEFAULT_EXTRAS } from '../../core/scim-tokens.options';
import { EnabledGuard, notFound } from '../../http/enabled.guard';
import { pathOf, type IncomingRequest } from '../../http/incoming-request';
import { ApiExcludeController } from '../../http/openapi-decorators';
import type { CompressibleFile } from './compressible-file';
import { SetupPage } from './setup-page';

const NO_STORE = 'no-store';
const FOREVER = 'public, max-age=31536000, immutable';
const AN_HOUR = 'public, max-age=3600';

/** What Express and Fastify responses have in common, as far as we use it; Fastify's wraps Node's. */
interface PageResponse {
  getHeader(name: string): number | string | string[] | undefined;
  removeHeader(name: string): unknown;
  readonly raw?: { removeHeader(name: string): void };
}

/** The setup page's files, open to everyone: who may do something is for the API to say. */
@Controller(DEFAULT_EXTRAS.setupPath)
@UseGuards(EnabledGuard('setup'))
@ApiExcludeController()
export class SetupPageController {
  constructor(
    private readonly page: SetupPage,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  @Get()
  document(
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<StreamableFile> {
    if (this.page.isFramed) {
      // A host's or the service's own would forbid what the policy allows.
      response.removeHeader('X-Frame-Options');
      response.raw?.removeHeader('X-Frame-Options');
    }
    const asFolder = pathOf(request.originalUrl ?? request.url).endsWith('/');
    return this.send(this.page.document(asFolder), request, response, {
      'Cache-Control': NO_STORE,
      'Content-Security-Policy': this.page.contentSecurityPolicy,
    });
  }

  @Get('logo')
  logo(
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<StreamableFile> {
    const { logo } = this.page;
    if (logo === null) throw notFound(request);
    // Opened by itself a picture is a document, in which its scripts would run.
    return this.send(logo, request, response, {
      'Cache-Control': AN_HOUR,
      'Content-Security-Policy': 'sandbox',
    });
  }

  @Get(['assets/:hash/:name', 'assets/:hash/:folder/:name', 'assets/:hash/:folder/:inner/:name'])
  asset(
    @Param() { hash = '', folder, inner, name }: Readonly<Record<string, string>>,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<StreamableFile> {
    const path = [folder, inner, name].filter((part) => part !== undefined).join('/');
    const found = this.page.asset(hash, path);
    if (found === null) throw notFound(request);
    // While instances of two builds serve, the page of one gets what the other has, and nobody keeps it.
    return this.send(found.file, request, response, {
      'Cache-Control': found.isSame ? FOREVER : NO_STORE,
    });
  }

  private async send(
    file: CompressibleFile,
    request: IncomingRequest,
    response: PageResponse,
    headers: Readonly<Record<string, string>>,
  ): Promise<StreamableFile> {
    const { bytes, encoding } = await file.body(request.headers['accept-encoding']?.toString());
    const { httpAdapter } = this.adapterHost;
    const all = {
      ...headers,
      ...(encoding !== null && { 'Content-Encoding': encoding }),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      Vary: [response.getHeader('Vary') ?? [], 'Accept-Encoding'].flat().join(', '),
    };
    for (const [name, value] of Object.entries(all)) httpAdapter.setHeader(response, name, value);
    return new StreamableFile(bytes, { type: file.type, length: bytes.length });
  }
}
