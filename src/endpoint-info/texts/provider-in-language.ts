import type { Language } from '../../core/languages';
import type {
  IdentityProviderFieldResponse,
  IdentityProviderMethodResponse,
  IdentityProviderResponse,
} from '../identity-provider.dto';
import { CLIENT_ID, CLIENT_SECRET, TEST_ADDRESS, TOKEN } from '../providers/provider';
import providerTexts from './provider-texts.json';

/** What a field's `value` only describes: a value that was made, or one of the reader's own. */
export type Described = 'token' | 'client_id' | 'client_secret' | 'own';

/** A field whose `value` is to be entered as it stands, unless it says what the value describes. */
export interface FieldInLanguage extends IdentityProviderFieldResponse {
  describes?: Described;
}

/** One way in which a provider proves itself, in the words of the setup page. */
export interface MethodInLanguage extends IdentityProviderMethodResponse {
  fields: FieldInLanguage[];
}

/** What to do in one provider's admin console, in the words of the setup page. */
export interface ProviderInLanguage extends IdentityProviderResponse {
  fields: FieldInLanguage[];
  methods: MethodInLanguage[];
}

type Form = Pick<MethodInLanguage, 'fields' | 'steps' | 'notes'>;

const DESCRIBED = new Map<string, Described>([
  [TOKEN, 'token'],
  [CLIENT_ID, 'client_id'],
  [CLIENT_SECRET, 'client_secret'],
  [TEST_ADDRESS, 'own'],
]);

/** By the text for administrators. `en` is there where the setup page says it in other words. */
const TEXTS = new Map<string, Partial<Record<Language, string>>>(Object.entries(providerTexts));

/** A provider as the setup page's reader needs it. Labels and what is entered stay as the console has them. */
export function providerInLanguage(
  provider: IdentityProviderResponse,
  language: Language,
): ProviderInLanguage {
  const say = (text: string): string => TEXTS.get(text)?.[language] ?? text;
  const inLanguage = ({ fields, steps, notes }: Form): Form => ({
    fields: fields.map(({ label, value }) => {
      const describes = DESCRIBED.get(value);
      return { label, value: say(value), ...(describes && { describes }) };
    }),
    steps: steps.map(say),
    notes: notes.map(say),
  });
  return {
    ...provider,
    name: say(provider.name),
    ...inLanguage(provider),
    methods: provider.methods.map((method) => ({ ...method, ...inLanguage(method) })),
  };
}
