import type { ResolvedSetup } from '../../core/setup.options';
import { setupApiPath } from '../../core/setup-urls';
import { setupPageAssets, type SetupPageAssets } from './assets';
import { CompressibleFile } from './compressible-file';
import { readLogo } from './logo';

const LOGO_TYPES = { 'logo.svg': 'image/svg+xml', 'logo.png': 'image/png' } as const;

/** Where a registration of the module serves the page, and what the page calls. */
export interface SetupPagePaths {
  readonly setupPath: string;
  readonly publicPath: string;
}

/** An asset, and whether the browser may keep it for good. */
export interface FoundAsset {
  readonly file: CompressibleFile;
  /** Whether it is of the build that was asked for: another instance may run another one. */
  readonly isSame: boolean;
}

/** The setup page as one registration of the module serves it. Everything is read at start. */
export class SetupPage {
  readonly contentSecurityPolicy: string;
  /** Whether pages of other origins may show it in a frame. */
  readonly isFramed: boolean;
  readonly logo: CompressibleFile | null;
  private readonly assets: SetupPageAssets;
  private readonly documents: Readonly<Record<'page' | 'folder', CompressibleFile>>;

  /** @throws Error where there is no build, or the logo went away since the options were checked */
  constructor({ brand, frameAncestors }: ResolvedSetup, paths: SetupPagePaths) {
    this.assets = setupPageAssets();
    this.isFramed = frameAncestors.length > 0;
    this.contentSecurityPolicy = policy(this.isFramed ? frameAncestors : ["'none'"]);
    this.logo = brand.logoFile === null ? null : logoIn(brand.logoFile);
    this.documents = {
      page: this.documentFor(paths, false),
      folder: this.documentFor(paths, true),
    };
  }

  /**
   * The page itself. Its links are relative, so that they hold below whatever a proxy puts before them.
   *
   * @param asFolder whether it was asked for with a slash at its end: links then begin one level deeper
   */
  document(asFolder: boolean): CompressibleFile {
    return this.documents[asFolder ? 'folder' : 'page'];
  }

  /** An asset by its path below the folder of assets; null where there is none of that name. */
  asset(hash: string, name: string): FoundAsset | null {
    const file = this.assets.files.get(name);
    return file ? { file, isSame: hash === this.assets.hash } : null;
  }

  private documentFor(paths: SetupPagePaths, asFolder: boolean): CompressibleFile {
    const segments = paths.setupPath.split('/');
    const below = asFolder ? '' : `${segments.at(-1)}/`;
    const up = '../'.repeat(asFolder ? segments.length : segments.length - 1);
    const links: Readonly<Record<string, string>> = {
      assets: `${below}assets/${this.assets.hash}/`,
      api: `${up}${setupApiPath(paths.publicPath)}`,
    };
    const html = this.assets.document.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) =>
      escapeAttribute(links[name] ?? ''),
    );
    return new CompressibleFile('text/html; charset=utf-8', Buffer.from(html));
  }
}

function logoIn(path: string): CompressibleFile {
  const { name, bytes } = readLogo(path);
  return new CompressibleFile(LOGO_TYPES[name], bytes);
}

function policy(frameAncestors: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.join(' ')}`,
  ].join('; ');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
