import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LANGUAGES } from '../src/core/languages';

const PAGE = resolve(__dirname, '../setup-page');
const FOLDER = join(PAGE, 'texts');
const OTHERS = LANGUAGES.filter((language) => language !== 'en');

type Texts = Readonly<Record<string, string>>;
const read = (language: string): Texts =>
  JSON.parse(readFileSync(join(FOLDER, `${language}.json`), 'utf8')) as Texts;
const english = read('en');
const everyText = (language: string): string => Object.values(read(language)).join('\n');

/** What is filled in. */
const placeholders = (text = ''): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("The setup page's own texts", () => {
  it('are there in the five languages and no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(LANGUAGES.map((name) => `${name}.json`).sort());
  });

  it('are all said somewhere on the page', () => {
    const program = readdirSync(PAGE)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(PAGE, name), 'utf8'))
      .join('\n');
    const names = [...program.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
    // Put together: `method_${auth_method}_text`.
    const shapes = [...program.matchAll(/`(\w+_\$\{\w+\}\w*)`/g)].map(
      ([, shape = '']) => new RegExp(`^${shape.replace(/\$\{\w+\}/, '[a-z]\\w*')}$`),
    );
    const silent = Object.keys(english).filter(
      (key) => !names.includes(key) && !shapes.some((shape) => shape.test(key)),
    );
    expect(silent).toEqual([]);
  });

  it.each(OTHERS)('have in %s the keys of the English ones, in the same order', (language) => {
    expect(Object.keys(read(language))).toEqual(Object.keys(english));
  });

  it.each(OTHERS)('are not left in English in %s', (language) => {
    const left = Object.entries(read(language)).filter(
      ([key, text]) =>
        text === english[key] || /\b(?:the|and|with|enter|press|which|your)\b/i.test(text),
    );
    expect(left).toEqual([]);
  });

  it.each(OTHERS)('fill the same in, in %s', (language) => {
    for (const [key, text] of Object.entries(read(language))) {
      expect([key, placeholders(text)]).toEqual([key, placeholders(english[key])]);
    }
  });

  it.each(OTHERS)('end in %s as sentences do where the English ones do', (language) => {
    const ends = (text = ''): boolean => /[.。?]$/.test(text.trim());
    const texts = Object.entries(read(language)).filter(([key]) => english[key]?.endsWith('.'));
    expect(texts.filter(([, text]) => !ends(text))).toEqual([]);
  });

  it('are written in each language as it is written', () => {
    const [de, fr, es, ja] = OTHERS.map(everyText);
    // No English apostrophes, and no space before punctuation at which a line may break.
    expect(fr).not.toMatch(/'| [:;?!]|\w[:;?!](?: |$)/m);
    expect(fr).not.toMatch(/(?<!\p{L})(?:tu|ton|tes)(?!\p{L})/iu);
    // A name may begin with a vowel: "de Okta" is no French.
    expect(fr).not.toMatch(/(?<!\p{L})(?:de|que|le|la) \{(?:provider|brand|tenant)\}/iu);
    expect(de).not.toMatch(/'|(?<!\p{L})(?:du|dein|deine|deinen)(?!\p{L})/iu);
    expect(es).not.toMatch(/'|(?<!\p{L})(?:tú|tu|tus)(?!\p{L})/iu);
    for (const text of Object.values(read('es'))) {
      expect([text, text.includes('¿')]).toEqual([text, text.includes('?')]);
    }
    expect(ja).not.toMatch(/[。、] |[ぁ-ん][.,](?:\s|$)|[「」“”]/m);
    for (const text of [de, fr, es, ja]) expect(text).not.toMatch(/\.\.\.| {2}/);
  });
});
