import { All } from '@nestjs/common';
import { RequireScimScopes } from 'nest-scim-tokens';
import { ScimController } from './http/scim-controller.decorator';
import { ScimError } from './protocol/scim.error';

const methodNotAllowed = (...allowed: string[]) =>
  new ScimError(405, 'Method Not Allowed', null, { Allow: allowed.join(', ') });

/** What no other controller serves, behind the same guard: nobody without a token learns what there is. */
@ScimController()
@RequireScimScopes()
export class FallbackController {
  @All(['Users', 'Groups'])
  lists(): never {
    throw methodNotAllowed('GET', 'HEAD', 'POST');
  }

  @All(['Users/:id', 'Groups/:id'])
  resources(): never {
    throw methodNotAllowed('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE');
  }

  @All(['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/:name', 'Schemas', 'Schemas/:urn'])
  discovery(): never {
    throw methodNotAllowed('GET', 'HEAD');
  }

  /** RFC 7644 §3.7 and §3.11: operations that this server does not announce. */
  @All(['Bulk', 'Me'])
  unsupported(): never {
    throw new ScimError(501, 'Not Implemented');
  }

  @All(['', '*path'])
  unknown(): never {
    throw new ScimError(404, 'Not Found');
  }
}
