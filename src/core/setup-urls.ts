import type { ResolvedSetup } from './setup.options';

/** Path of what the setup page calls, beside the module's public path, as its routes declare it. */
export const SETUP_API_PATH = 'api/v1/scim-setup';

/** Where that lies below a public path of the host's: its last segment is replaced. */
export function setupApiPath(publicPath: string): string {
  return [...publicPath.split('/').slice(0, -1), 'scim-setup'].join('/');
}

/** Whether a page may lead back to this URL: only to where the operator says. */
export function mayReturnTo(url: string, setup: ResolvedSetup | null): boolean {
  return setup?.returnOrigins.includes(new URL(url).origin) ?? false;
}

/** What the URLs are made of. */
export interface SetupUrlParts {
  /** URL under which people reach the application. */
  readonly publicUrl: string;
  /** Path of the page, without slashes around it. */
  readonly setupPath: string;
  /** The application's own prefix, which is set after the module is wired. */
  readonly globalPrefix: () => string;
}

/** The setup page's URLs, from configuration alone: a request's Host says nothing here. */
export class SetupUrls {
  constructor(private readonly parts: SetupUrlParts) {}

  /** The page without a link's secret. */
  get page(): string {
    const { publicUrl, setupPath, globalPrefix } = this.parts;
    return [publicUrl, ...globalPrefix().split('/'), setupPath].filter(Boolean).join('/');
  }

  /** The brand's logo, by its path: right whichever of its names the application was reached by. */
  get logoPath(): string {
    return `${new URL(this.page).pathname}/logo`;
  }

  /** A link: its secret stands in the fragment, which reaches no server, log or referrer. */
  setupUrl(secret: string): string {
    return `${this.page}#${secret}`;
  }
}
