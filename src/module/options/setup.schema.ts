import { isAtMost } from '../../core/checks';
import { isSecureUrl, SECURE_URL_TAKES } from '../../core/secure-url';
import { listOf, setting, textOf, type Kind } from './settings';

/** WCAG 2.2, 1.4.3, for text of any size. */
const CONTRAST = 4.5;

const NAME = textOf(
  'a name of 1 to 80 characters, without control characters',
  (text) => text.trim() !== '' && isAtMost(text, 80) && !/\p{Cc}/u.test(text),
);

const COLOR = textOf(
  `a colour such as #1a4fd6, dark enough for white text on it (WCAG: ${CONTRAST}:1)`,
  (text) => /^#[\da-f]{6}$/i.test(text) && contrastWithWhite(text) >= CONTRAST,
);

const FILE = textOf(
  'the path of an SVG or PNG file of at most 64 kB',
  (text) => text !== '' && !text.includes('\0'),
);

const SUPPORT_URL = textOf(
  `${SECURE_URL_TAKES}, or a mailto URL`,
  (text) => isSecureUrl(text) || /^mailto:[^\s@]+@[^\s@]+$/.test(text),
);

/** Nothing else: it stands in a header, where a quotation mark, a semicolon or a star would say more. */
const ORIGIN = /^https?:\/\/(?:[a-z\d.-]+|\[[\da-f:]+\])(?::\d+)?$/;

const originsOf = (takes: string, isTaken: (origin: string) => boolean): Kind<readonly string[]> =>
  listOf<string>(
    takes,
    (item) =>
      typeof item === 'string' &&
      ORIGIN.test(item) &&
      URL.canParse(item) &&
      new URL(item).origin === item &&
      isTaken(item),
  );

const HTTPS_ORIGINS = originsOf(
  'a list of https origins such as https://app.example.com; not *',
  (origin) => origin.startsWith('https:'),
);
const FRAMES = originsOf(
  'a list of origins such as https://app.example.com, https or http on a loopback host; not *',
  isSecureUrl,
);

/** What is in the option `setup.brand`. */
export const BRAND_OPTIONS = {
  name: setting(NAME, null, 'SETUP_BRAND_NAME'),
  color: setting(COLOR, null, 'SETUP_BRAND_COLOR'),
  logoFile: setting(FILE, null, 'SETUP_LOGO_FILE'),
  supportUrl: setting(SUPPORT_URL, null, 'SETUP_SUPPORT_URL'),
} as const;

/**
 * What is in the option `setup`, but for its brand and its URL.
 *
 * @param httpsOnly whether not even a page on this machine may show ours without TLS
 */
export const setupOptions = (httpsOnly: boolean) => ({
  frameAncestors: setting(httpsOnly ? HTTPS_ORIGINS : FRAMES, [], 'SETUP_FRAME_ANCESTORS'),
  returnOrigins: setting(HTTPS_ORIGINS, [], 'SETUP_RETURN_ORIGINS'),
});

/** WCAG 2.2's contrast ratio of a colour `#rrggbb` and white, 1 to 21. */
function contrastWithWhite(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
