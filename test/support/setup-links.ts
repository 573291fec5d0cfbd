import { TOKENS, type Client } from './test-app';

/** What the setup page calls. */
export const SETUP = '/api/v1/scim-setup';
/** Where administrators make setup links. */
export const LINKS = `${TOKENS}setup-links`;

/** A setup link as whoever was sent it has it. */
export interface HeldLink {
  readonly id: string;
  readonly secret: string;
}

/** The secret in a setup link's URL. */
export const secretOf = ({ url }: { readonly url: string }): string => new URL(url).hash.slice(1);

/** Makes a setup link. */
export async function makeLink(admin: Client, fields: object = {}): Promise<HeldLink> {
  const { body } = await admin.post(LINKS).send(fields).expect(201);
  const made = body as { id: string; url: string };
  return { id: made.id, secret: secretOf(made) };
}
