import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'platform:public';

/** A route that the platform's guard leaves to another one. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
