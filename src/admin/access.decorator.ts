import { SetMetadata } from '@nestjs/common';

/** What an operation does to tokens; `import` is a write for those who may act for every tenant. */
export type AccessKind = 'read' | 'write' | 'import';

/** Metadata key under which a handler says what it does. */
export const ACCESS = 'scim-tokens:access';

/** Says what an operation does, and so who may call it. A handler that does not say so is a 500. */
export const Access = (kind: AccessKind) => SetMetadata(ACCESS, kind);
