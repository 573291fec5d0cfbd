import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../support/test-app';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors ";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the path to the byte, as no URL parser would. */
function send(app: TestApp, path: string, method = 'GET', headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(app.url);
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status } = response;
        resolve({ status, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    request.on('error', reject).end();
  });
}

/** What the page links to, resolved as a browser does. */
function linksOf(page: Answer, path: string): { api: string; assets: string[] } {
  const html = page.body.toString();
  const absolute = (link = ''): string => new URL(link, `http://host${path}`).pathname;
  const [, api] = /name="scim-setup-api" content="([^"]*)"/.exec(html) ?? [];
  const assets = [...html.matchAll(/(?:src|href)="([^":]*)"/g)].map(([, link]) => absolute(link));
  return { api: absolute(api), assets };
}

describe('The setup page', () => {
  let app: TestApp;
  let folder: string;
  let assets: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'setup-page-'));
    const logo = join(folder, 'logo.png');
    writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    app = await startTestApp({
      env: { SETUP_LOGO_FILE: logo, CORS_ORIGINS: 'https://a.example.com' },
    });
    ({ assets } = linksOf(await send(app, '/setup'), '/setup'));
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  it('is open to everyone, is kept by nobody and loads nothing from elsewhere', async () => {
    const { status, headers } = await send(app, '/setup');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `${CSP}'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': expect.any(String) as string,
    });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it.each(['/setup', '/setup/', '/setup/?lang=de'])(
    'finds its files and its API from %s',
    async (path) => {
      const page = await send(app, path);
      const links = linksOf(page, path);
      expect(links).toEqual({ api: '/api/v1/scim-setup', assets });
      expect(assets.length).toBeGreaterThan(1);
      for (const asset of assets) {
        const { status, headers } = await send(app, asset);
        expect([asset, status]).toEqual([asset, 200]);
        expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
        expect(headers['content-type']).toMatch(/^text\/(?:javascript|css); charset=utf-8$/);
        expect(headers['x-content-type-options']).toBe('nosniff');
      }
    },
  );

  it('answers HEAD as GET, without a body', async () => {
    for (const path of ['/setup', '/setup/logo', ...assets]) {
      const get = await send(app, path);
      const head = await send(app, path, 'HEAD');
      const known = ({ date: _, 'x-request-id': __, ...headers }: IncomingHttpHeaders) => headers;
      expect([head.status, head.body.length]).toEqual([200, 0]);
      expect(known(head.headers)).toEqual(known(get.headers));
      expect(get.headers['content-length']).toBe(String(get.body.length));
    }
  });

  it('is compressed for who takes that, and marked as such for caches', async () => {
    const plain = await send(app, '/setup');
    const accepting = (encodings: string): Promise<Answer> =>
      send(app, '/setup', 'GET', {
        'Accept-Encoding': encodings,
        Origin: 'https://a.example.com',
      });
    const br = await accepting('gzip, deflate, br;q=0.9, zstd');
    expect(br.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(br.body)).toEqual(plain.body);
    const gzip = await accepting('GZIP;q=1.0, br;q=0');
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    for (const answer of [plain, br, gzip, await accepting('deflate, br; q=0.00, brr')]) {
      expect(answer.headers.vary).toMatch(/(?:^|, )Accept-Encoding$/);
    }
    expect(br.headers.vary).toBe('Origin, Accept-Encoding');
    expect((await accepting('*;q=0, identity')).headers).not.toHaveProperty('content-encoding');
  });

  it('takes no other method', async () => {
    for (const path of ['/setup', '/setup/', '/setup/logo', ...assets.slice(0, 1)]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const { status, headers } = await send(app, path, method);
        expect([method, path, status, headers.allow]).toEqual([method, path, 405, 'GET, HEAD']);
      }
    }
  });

  it('gives a file of another build under its name, for nobody to keep', async () => {
    const [asset = ''] = assets;
    const other = await send(app, asset.replace(/assets\/\w+/, 'assets/0123456789abcdef'));
    expect(other.status).toBe(200);
    expect(other.headers['cache-control']).toBe('no-store');
  });

  it.each([
    '/setup/assets',
    '/setup/assets/HASH',
    '/setup/assets/HASH/',
    '/setup/assets/HASH/index.html',
    '/setup/assets/HASH/htm/LICENSE',
    '/setup/assets/HASH/__proto__',
    '/setup/assets/HASH/constructor',
    '/setup/assets/HASH/../../main.js',
    '/setup/assets/HASH/../main.js',
    '/setup/assets/HASH/..%2f..%2fmain.js',
    '/setup/assets/HASH/%2e%2e/%2e%2e/main.js',
    '/setup/assets/HASH/..%5c..%5cmain.js',
    '/setup/assets/HASH/%2fetc%2fpasswd',
    '/setup/assets/HASH//etc/passwd',
    '/setup/assets/HASH/api.js%00.css',
    '/setup/assets/HASH/api.js.map',
    '/setup/assets/HASH/%',
    '/setup/assets/%/api',
    '/setup/logo.svg',
    '/setup/index.html',
  ])('is nothing but its files: %s', async (path) => {
    const [, hash = ''] = /assets\/(\w+)\//.exec(assets[0] ?? '') ?? [];
    const { status, headers } = await send(app, path.replace('HASH', hash));
    expect(status).toBe(404);
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  it('shows a logo in which nothing runs', async () => {
    const { status, headers, body } = await send(app, '/setup/logo');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=3600',
    });
    expect(body.toString()).toContain('<script>');
  });
});

describe('The setup page of others', () => {
  it('may stand in the frames of the origins that are named, and of no others', async () => {
    const app = await startTestApp({
      env: { SETUP_FRAME_ANCESTORS: 'https://a.example.com,https://b.example.com:8443' },
    });
    try {
      const { headers } = await send(app, '/setup');
      expect(headers['content-security-policy']).toBe(
        `${CSP}https://a.example.com https://b.example.com:8443`,
      );
      expect(headers).not.toHaveProperty('x-frame-options');
      // The rest of the service stays out of frames.
      const { headers: elsewhere } = await send(app, '/health/live');
      expect(elsewhere['x-frame-options']).toBe('SAMEORIGIN');
      expect((await send(app, '/setup/logo')).status).toBe(404);
    } finally {
      await app.close();
    }
  });

  it('is not there where it is switched off', async () => {
    const app = await startTestApp({ env: { SETUP_ENABLED: 'false' } });
    try {
      const unknown = await send(app, '/nothing');
      for (const path of ['/setup', '/setup/logo', '/setup/assets/a/api.js']) {
        for (const method of ['GET', 'POST']) {
          const { status, body } = await send(app, path, method);
          expect([path, status, body]).toEqual([path, 404, unknown.body]);
        }
      }
    } finally {
      await app.close();
    }
  });
});
