import { SCIM_SCOPES, type ScimScope } from '../../core/scim-token.constants';

/** Goes into a field that takes the token: a value is shown once, and never here. */
export const TOKEN = 'The value shown when the token was created';

/** The mistake that most administrators make. */
export const BARE = 'Paste the value alone: this console puts "Bearer " in front of it.';

/** How sure the labels are, so that an administrator knows when a screen may differ. */
export const DOCUMENTED = "The labels are from the provider's own documentation.";
/** The same, where the provider itself says nothing. */
export const OTHERS =
  "The labels are from other vendors' guides, not from the provider's own documentation.";

/** Reading is in every set: all providers look a user up before they write it. */
export const USERS: ScimScope[] = ['users:read', 'users:write'];
/** For providers that write groups too. */
export const ALL: ScimScope[] = [...SCIM_SCOPES];
