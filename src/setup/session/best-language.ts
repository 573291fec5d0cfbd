import { LANGUAGES, type Language } from '../../core/languages';

/** Most of a header that is read. */
const MAX_LENGTH = 512;

/** The best of our languages for an `Accept-Language` (RFC 9110 §12.5.4), regions aside; English without one. */
export function bestLanguage(header: string | undefined): Language {
  const wanted = (header ?? '')
    .slice(0, MAX_LENGTH)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { tag: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const language = LANGUAGES.find((one) => one === tag);
    if (language) return language;
  }
  return LANGUAGES[0];
}
