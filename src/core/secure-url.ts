const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What {@link isSecureUrl} takes, in words for people. */
export const SECURE_URL_TAKES =
  'an https URL, or an http URL on a loopback host, without user name and password';

/** Whether what comes from a URL can be believed: https, or http that stays on this machine. */
export function isSecureUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  // fetch refuses a URL with credentials, and only once it is asked.
  return isSecure && url.username === '' && url.password === '';
}
