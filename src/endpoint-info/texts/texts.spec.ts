import { LANGUAGES, type InLanguages } from '../../core/languages';
import { FAILURE_HINTS, type FailureHint } from '../../core/refusal';
import { identityProviders } from '../identity-providers';
import failureTexts from './failure-texts.json';
import { failureText } from './failure-text';
import providerTexts from './provider-texts.json';

const TOKEN_ENDPOINT = 'https://scim.example.com/api/v1/scim-tokens/oauth/token';
/** The second makes Okta warn of underscores. */
const BASE_URLS = ['https://scim.example.com/scim/v2', 'https://my_host.example.com/my_tenant'];
const OTHERS = LANGUAGES.filter((language) => language !== 'en');
const HINTS = Object.keys(FAILURE_HINTS) as FailureHint[];

/** Each text by what it is known by: the one for administrators, or the hint's. */
const texts: readonly (readonly [name: string, english: string, text: InLanguages])[] = [
  ...Object.entries<InLanguages>(providerTexts).map(
    ([english, text]) => [english, text.en ?? english, text] as const,
  ),
  ...Object.entries<InLanguages>(failureTexts).map(
    ([hint, text]) => [hint, failureText(hint as FailureHint, 'en'), text] as const,
  ),
];

/** Words of protocols, on their own: `écrit` has no `crit`. */
const WORDS =
  /(?<![\wÀ-ÿ])(?:groups:\w+|scimusername|userName|username Eq|aadOptscim062020|RFC 7644|%5F|grant_type(?:=|: )client_credentials|CredentialValidationUnavailable|application\/x-www-form-urlencoded|PATCH|PUT|SAML|SWA|JWTs?|401|28|[A-Z]{2}256|iss|sub|aud|tid|azp|appid|kid|crit|jku|x5u|jwk)(?![\wÀ-ÿ])/g;

/** What has to stand in every language as it does in English: labels in quotes, and words of protocols. */
function untranslatable(text: string): string[] {
  return [...(text.match(/"[^"]*"/g) ?? []), ...(text.match(WORDS) ?? [])]
    .map((word) => word.replace(/s$/, ''))
    .sort();
}

/** All that the administrators' answer says, but for what is entered or a label. */
function said(): Set<string> {
  const providers = BASE_URLS.flatMap((baseUrl) => identityProviders(baseUrl, TOKEN_ENDPOINT));
  return new Set(
    providers.flatMap(({ methods }) =>
      methods.flatMap(({ steps, notes, fields }) => [
        ...steps,
        ...notes,
        ...fields.map(({ value }) => value).filter((value) => /^(The|An) /.test(value)),
      ]),
    ),
  );
}

describe('The texts of providers and failures', () => {
  it('are those that endpoint-info says, none missing and none left over', () => {
    const all = [...said(), 'Any other SCIM 2.0 client'];
    expect(Object.keys(providerTexts).sort()).toEqual(all.sort());
    expect(Object.keys(failureTexts).sort()).toEqual([...HINTS].sort());
  });

  it('stand in each language and in no other, in the order of the list', () => {
    for (const [name, , text] of texts) {
      const given = Object.keys(text);
      expect([name, given.filter((language) => language !== 'en')]).toEqual([name, OTHERS]);
      expect([name, Object.values(text).filter((words) => words.trim() !== words)]).toEqual([
        name,
        [],
      ]);
    }
  });

  it.each(OTHERS)(
    'are not left in English in %s, nor the same as in another language',
    (language) => {
      const same = texts.filter(([, english, text]) =>
        LANGUAGES.some(
          (other) => other !== language && text[language] === (text[other] ?? english),
        ),
      );
      expect(same.map(([name]) => name)).toEqual([]);
      // Words that no sentence in that language has, outside of labels.
      const english = texts.filter(([, , text]) =>
        /\b(?:the|and|with|where|enter|press|choose|is|of|which)\b/i.test(
          text[language].replaceAll(/"[^"]*"/g, ''),
        ),
      );
      expect(english.map(([name]) => name)).toEqual([]);
    },
  );

  it.each(OTHERS)('keep labels, and what is entered as it stands, in %s', (language) => {
    for (const [name, english, text] of texts) {
      expect([name, untranslatable(text[language])]).toEqual([name, untranslatable(english)]);
    }
  });

  it('are written in each language as it is written', () => {
    for (const [, , { de, fr, es, ja }] of texts) {
      // No English apostrophes and no breakable space before French punctuation.
      expect(fr.replaceAll(/"[^"]*"|grant_type:/g, '')).not.toMatch(/'| [:;?!]|\w[:;?!](?: |$)/);
      expect(ja).toMatch(/[ぁ-んァ-ヶ]/);
      expect(ja).not.toMatch(/[。、] |[ぁ-ん][.,](?:\s|$)/);
      expect(de).not.toMatch(/(?<!\p{L})(?:du|dein|deine|deinen)(?!\p{L})/iu);
      expect(fr).not.toMatch(/(?<!\p{L})(?:tu|ton|tes)(?!\p{L})/iu);
      expect(es).not.toMatch(/(?<!\p{L})(?:tú|tu|tus)(?!\p{L})/iu);
    }
  });

  it('end as sentences do where the English one does', () => {
    for (const [name, english, text] of texts) {
      if (!english.endsWith('.')) continue;
      for (const language of OTHERS) {
        expect([name, language, /[.。]$/.test(text[language])]).toEqual([name, language, true]);
      }
    }
  });

  it('speak of this page and of whoever sent the link, not of what only administrators can do', () => {
    for (const [, english, text] of texts) {
      const all = [english, ...OTHERS.map((language) => text[language])].join('\n');
      expect(all).not.toMatch(/auth_method|recent_failures|allowed_ips|authorized_party|"trust"/);
    }
  });
});

describe('The providers in a language', () => {
  it('say in each language as much as endpoint-info does, with the same ids, methods and labels', () => {
    for (const baseUrl of BASE_URLS) {
      const english = identityProviders(baseUrl, TOKEN_ENDPOINT);
      const shape = (providers: typeof english) =>
        providers.map(({ id, required_scopes, methods }) => ({
          id,
          required_scopes,
          methods: methods.map(({ auth_method, recommended, fields, steps, notes }) => ({
            auth_method,
            recommended,
            labels: fields.map(({ label }) => label),
            steps: steps.length,
            notes: notes.length,
          })),
        }));
      for (const language of LANGUAGES) {
        expect(shape(identityProviders(baseUrl, TOKEN_ENDPOINT, language))).toEqual(shape(english));
      }
    }
  });

  it('leave what is entered as it stands, and mark what is only described', () => {
    const [baseUrl = ''] = BASE_URLS;
    const english = identityProviders(baseUrl, TOKEN_ENDPOINT);
    expect(JSON.stringify(english)).not.toContain('"fills"');
    identityProviders(baseUrl, TOKEN_ENDPOINT, 'ja').forEach(({ methods }, provider) => {
      methods.forEach(({ fields }, method) => {
        fields.forEach(({ value, fills }, at) => {
          const before = english[provider]?.methods[method]?.fields[at]?.value ?? '';
          expect(fills !== undefined).toBe(/^(The|An) /.test(before));
          if (fills === undefined) expect(value).toBe(before);
          else expect(value).toMatch(/[ぁ-ん]/);
        });
      });
    });
  });

  it('fill token, client id and secret where the method has them, and an own address for JumpCloud', () => {
    const [baseUrl = ''] = BASE_URLS;
    const fillings = identityProviders(baseUrl, TOKEN_ENDPOINT, 'de').flatMap(({ id, methods }) =>
      methods.map(({ auth_method, fields }) => [
        `${id} ${auth_method}`,
        [...new Set(fields.flatMap(({ fills }) => fills ?? []))].sort(),
      ]),
    );
    for (const [name, fills] of fillings) {
      const expected: Record<string, string[]> = {
        bearer: ['token'],
        client_credentials: ['client_id', 'client_secret'],
        workload_identity: ['client_id'],
      };
      const [id = '', method = ''] = String(name).split(' ');
      expect([name, fills]).toEqual([
        name,
        id === 'jumpcloud' ? ['own', 'token'] : expected[method],
      ]);
    }
  });

  it('take bearer tokens alone where OAuth is off', () => {
    for (const { methods } of identityProviders(BASE_URLS[0] ?? '', null, 'fr')) {
      expect(methods.map(({ auth_method }) => auth_method)).toEqual(['bearer']);
    }
  });
});

it('A failure is told to the page in English by the administrators’ words, unless they could not be acted on there', () => {
  expect(failureText('quoted', 'en')).toBe(FAILURE_HINTS.quoted);
  expect(failureText('disabled', 'en')).toContain('Ask whoever sent you this link');
});
