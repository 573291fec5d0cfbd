import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { TITLE, VERSION } from './document';

/**
 * What the documentation page may load and do: only what comes from where it came from. Its scripts
 * are files; its styles stand in the page and on its elements. `https:` upgrades are off because a
 * service on the loopback interface speaks http.
 */
export const DOCS_CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};

/**
 * Serves the document as `/openapi.json` and, for people to try it, as `/docs`.
 *
 * @param build makes the document; called when somebody first asks for it
 * @param keepJwt whether the page keeps the JWT in the browser's storage over a reload
 */
export function setupSwaggerUi(
  app: INestApplication,
  build: () => OpenAPIObject,
  keepJwt: boolean,
): void {
  let built: OpenAPIObject | undefined;
  const document = (): OpenAPIObject => (built ??= build());
  SwaggerModule.setup('docs', app, document, {
    ui: false,
    raw: ['json'],
    jsonDocumentUrl: 'openapi.json',
  });
  SwaggerModule.setup('docs', app, () => onPageOrigin(document()), {
    raw: false,
    customSiteTitle: `${TITLE} ${VERSION}`,
    swaggerOptions: {
      persistAuthorization: keepJwt,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      validatorUrl: null,
    },
  });
}

/** The page calls the service under the name the page was opened with: any other is cross-origin. */
function onPageOrigin(document: OpenAPIObject): OpenAPIObject {
  if (!document.servers) return document;
  return {
    ...document,
    servers: document.servers.map((server) => ({ ...server, url: pathOf(server.url) })),
  };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
