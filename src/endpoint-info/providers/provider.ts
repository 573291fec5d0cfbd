import { SCIM_SCOPES, type AuthMethod, type ScimScope } from '../../core/token';
import type { IdentityProviderFieldResponse } from '../identity-provider.dto';

/** Where an identity provider goes. */
export interface ConnectionUrls {
  /** Of the tenant's SCIM routes. */
  readonly baseUrl: string;
  readonly tokenEndpoint: string;
}

/** What to do in a console for one way of proving oneself. */
export interface MethodDescription {
  readonly fields: IdentityProviderFieldResponse[];
  readonly steps: string[];
  readonly notes: string[];
}

/** What there is beside a bearer token. */
export interface OAuthMethodDescription extends MethodDescription {
  readonly auth_method: Exclude<AuthMethod, 'bearer'>;
}

/** What to enter in one identity provider's admin console, in its own words. */
export interface ProviderDescription {
  readonly id: string;
  readonly name: string;
  readonly required_scopes: ScimScope[];
  readonly bearer: MethodDescription;
  /** Each is better than a bearer token, the best one first. */
  readonly oauth?: readonly OAuthMethodDescription[];
}

/** Goes into a field that takes the token: a value is shown once, and never here. */
export const TOKEN = 'The value shown when the token was created';

/** Goes into a field that takes the client id. */
export const CLIENT_ID = 'The client_id of the token';

/** Goes into a field that takes the client secret, which is shown once, and never here. */
export const CLIENT_SECRET = 'The client_secret shown when the token was created';

/** Goes into a field that takes an address which the administrator chooses. */
export const TEST_ADDRESS = 'An address that is not in use yet';

/** Comes before the form is filled in: the two things that go into it. */
export const CREATE_CLIENT =
  'Create the token with "auth_method": "client_credentials", and keep its client_id and client_secret.';

/** All that the token may do, in a field that wants some scope. */
export const ALL_GRANTED = 'scim';

/** The mistake that most administrators make. */
export const BARE = 'Paste the value alone: this console puts "Bearer " in front of it.';

/** How sure the labels are, so that an administrator knows when a screen may differ. */
export const DOCUMENTED = "The labels are from the provider's own documentation.";
/** The same, where the provider itself says nothing. */
export const OTHERS =
  "The labels are from other vendors' guides, not from the provider's own documentation.";

/** Said of groups where only users are asked for. */
export const GROUPS_TOO = 'Provisioning groups needs groups:read and groups:write too.';

/** Reading is in every set: all providers look a user up before they write it. */
export const USERS: ScimScope[] = ['users:read', 'users:write'];
/** For providers that write groups too. */
export const ALL: ScimScope[] = [...SCIM_SCOPES];
