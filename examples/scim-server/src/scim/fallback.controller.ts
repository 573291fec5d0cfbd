import { All } from '@nestjs/common';
import { RequireScimScopes } from 'nest-scim-tokens';
import { ScimController } from './http/scim-controller.decorator';
import { ScimError } from './protocol/scim.error';

const methodNotAllowed = (...allowed: string[]) =>
  new ScimError(405, 'Method Not Allowed', null, { Allow: allowed.join(', ') });

/** What no other controller serves, behind the same guard: nobody without a token learns what there is. */
@ScimController()
export class FallbackController {
  @All(['Users', 'Groups'])
  @RequireScimScopes()
  lists(): never {
    throw methodNotAllowed('GET', 'HEAD', 'POST');
  }

  @All('.search')
  @RequireScimScopes()
  search(): never {
    throw methodNotAllowed('POST');
  }

  @All(['Users/:id', 'Groups/:id'])
  @RequireScimScopes()
  resources(): never {
    throw methodNotAllowed('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE');
  }

  @All(['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/:name', 'Schemas', 'Schemas/:urn'])
  @RequireScimScopes()
  discovery(): never {
    throw methodNotAllowed('GET', 'HEAD');
  }

  /** RFC 7644 §3.7 and §3.11: operations that this server does not announce. */
  @All(['Bulk', 'Me'])
  @RequireScimScopes()
  unsupported(): never {
    throw new ScimError(501, 'Not Implemented');
  }

  @All(['', '*path'])
  @RequireScimScopes()
  unknown(): never {
    throw new ScimError(404, 'Not Found');
  }
}
