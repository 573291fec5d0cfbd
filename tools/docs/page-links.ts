import { isRecord } from '../../src/core/checks';
import { textOf } from '../../src/service/openapi/schemas';

/** A link of the page's Authentication paragraph. */
export interface PageLink {
  readonly text: string;
  readonly href: string;
}

/** Where a page sends readers who need a token. */
export interface PageLinks {
  readonly scopes: PageLink;
  readonly obtaining: PageLink;
}

/** The links of a page for which none are set. */
export const DEFAULT_LINKS: PageLinks = {
  scopes: { text: 'Tokens and scopes', href: '/docs/tokens-and-scopes' },
  obtaining: { text: 'OAuth endpoints', href: '/docs/oauth-endpoints' },
};

/** The links of this project's own page. */
export const GUIDE_LINKS: PageLinks = {
  scopes: {
    text: 'Authentication → Tokens and scopes',
    href: '../../guides/authentication.md#tokens-and-scopes',
  },
  obtaining: {
    text: 'Authentication → Obtaining an admin JWT',
    href: '../../guides/authentication.md#obtaining-an-admin-jwt',
  },
};

/**
 * Reads links from JSON. One that is left out stays the default.
 *
 * @throws Error that says what is wrong
 */
export function parseLinks(json: unknown): PageLinks {
  if (!isRecord(json)) throw new Error('takes {"scopes": LINK, "obtaining": LINK}');
  const unknown = Object.keys(json).find((name) => !(name in DEFAULT_LINKS));
  if (unknown !== undefined) throw new Error(`"${unknown}" is not known`);
  return {
    scopes: parseLink('scopes', json.scopes),
    obtaining: parseLink('obtaining', json.obtaining),
  };
}

function parseLink(name: keyof PageLinks, json: unknown): PageLink {
  if (json === undefined) return DEFAULT_LINKS[name];
  const text = isRecord(json) ? textOf(json.text) : '';
  const href = isRecord(json) ? textOf(json.href) : '';
  if (!text || !href) throw new Error(`"${name}" takes {"text": "…", "href": "…"}`);
  return { text, href };
}
