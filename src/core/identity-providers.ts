/** The identity providers that we know, by their ids in endpoint-info. */
export const IDENTITY_PROVIDERS = [
  'entra',
  'okta',
  'onelogin',
  'jumpcloud',
  'pingone',
  'rippling',
  'cyberark',
  'sailpoint',
  'authentik',
  'oracle',
  'generic',
] as const;

/** One of {@link IDENTITY_PROVIDERS}. */
export type IdentityProviderId = (typeof IDENTITY_PROVIDERS)[number];

/** Entra synchronises about every 40 minutes; the others come when something changes. */
const QUIET_AFTER_HOURS: Partial<Record<IdentityProviderId, number>> = { entra: 6 };

/** Hours of silence after which something is wrong where nobody says; null where no silence is too long. */
export function defaultQuietAfterHours(provider: IdentityProviderId | null): number | null {
  return (provider && QUIET_AFTER_HOURS[provider]) ?? null;
}
