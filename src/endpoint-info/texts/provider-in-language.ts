import type { InLanguages, Language } from '../../core/languages';
import type {
  IdentityProviderFieldResponse,
  IdentityProviderMethodResponse,
  IdentityProviderResponse,
} from '../identity-provider.dto';
import { CLIENT_ID, CLIENT_SECRET, TEST_ADDRESS, TOKEN } from '../providers/provider';
import providerTexts from './provider-texts.json';

/** What goes into a field whose `value` only describes it: one that was made, or one of the reader's own. */
export type Filling = 'token' | 'client_id' | 'client_secret' | 'own';

/** A field whose `value` is to be entered as it stands, unless it says what fills it. */
export interface FieldInLanguage extends IdentityProviderFieldResponse {
  fills?: Filling;
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

const FILLINGS = new Map<string, Filling>([
  [TOKEN, 'token'],
  [CLIENT_ID, 'client_id'],
  [CLIENT_SECRET, 'client_secret'],
  [TEST_ADDRESS, 'own'],
]);

/** By the text for administrators. `en` is there where the setup page says it in other words. */
const TEXTS = new Map<string, InLanguages>(Object.entries(providerTexts));

/** A provider as the setup page's reader needs it. Labels and what is entered stay as the console has them. */
export function providerInLanguage(
  provider: IdentityProviderResponse,
  language: Language,
): ProviderInLanguage {
  const say = (text: string): string => TEXTS.get(text)?.[language] ?? text;
  const inLanguage = ({ fields, steps, notes }: Form): Form => ({
    fields: fields.map(({ label, value }) => {
      const fills = FILLINGS.get(value);
      return { label, value: say(value), ...(fills && { fills }) };
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
