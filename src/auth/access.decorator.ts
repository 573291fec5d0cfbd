import { SetMetadata } from '@nestjs/common';

/** What an operation does to tokens. */
export type AccessKind = 'read' | 'write';

/** Metadata key under which a handler says what it does. */
export const ACCESS = 'scim-tokens:access';

/** Says what an operation does, and so who may call it. A handler that does not say so is a 500. */
export const Access = (kind: AccessKind) => SetMetadata(ACCESS, kind);
