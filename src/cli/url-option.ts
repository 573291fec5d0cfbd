import { InvalidArgumentError } from 'commander';

/** What a URL given to a command has to be. */
export const URL_TAKES = 'takes an http or https URL such as https://scim.example.com';

/** An option's URL of a service. */
export function urlOption(text: string): string {
  const url = serviceUrl(text);
  if (url === null) throw new InvalidArgumentError(`It ${URL_TAKES}.`);
  return url;
}

/** Without a slash at its end; null for what is no address of a service. */
export function serviceUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, search, hash, href } = new URL(text);
  if (!/^https?:$/.test(protocol) || username + password + search + hash !== '') return null;
  return href.replace(/(?<!\/)\/+$/, '');
}
