import { AuditEntriesRepository } from '../audit/audit-entries.repository';
import { AuditEntriesService } from '../audit/audit-entries.service';
import { EndpointInfoRepository } from '../endpoint-info/endpoint-info.repository';
import { EndpointInfoService } from '../endpoint-info/endpoint-info.service';
import { AssertionExplainer } from '../explain/assertion-explainer';
import { ExplainService } from '../explain/explain.service';
import { SetupExplainer } from '../explain/setup-explainer';
import { ValueExplainer } from '../explain/value-explainer';
import { InputContexts } from '../http/validation/input-context';
import { ImportService } from '../imports/import.service';
import { IntrospectionService } from '../introspection/introspection.service';
import { LeakedLinks } from '../leaks/leaked-links';
import { LeaksService } from '../leaks/leaks.service';
import { AccessTokensRepository } from '../oauth/access-tokens.repository';
import { AssertionVerifier } from '../oauth/assertions/assertion-verifier';
import { IssuersKeys } from '../oauth/assertions/issuers-keys';
import { AuthorizationServerMetadata } from '../oauth/authorization-server-metadata';
import { ClientAuthentication } from '../oauth/client-authentication';
import { ClientsRepository } from '../oauth/clients.repository';
import { TokenEndpointService } from '../oauth/token-endpoint.service';
import { TokenLimits } from '../oauth/token-limits';
import { TokenOutcomes } from '../oauth/token-outcomes';
import { RevokeAllService } from '../revoke-all/revoke-all.service';
import { RotationWatch } from '../rotation/rotation-watch';
import { RotationService } from '../rotation/rotation.service';
import { TokenAnswers } from '../scim-tokens/dto/token-answers';
import { TokenListRepository } from '../scim-tokens/list/token-list.repository';
import { ScimTokensService } from '../scim-tokens/scim-tokens.service';
import { SetupLinksRepository } from '../setup/links/setup-links.repository';
import { SetupLinksService } from '../setup/links/setup-links.service';
import { ConnectionWatch } from '../setup/session/connection-watch';
import { ConnectionRepository } from '../setup/session/connection.repository';
import { SetupLimits } from '../setup/session/setup-link.guard';
import { SetupProviders } from '../setup/session/setup-providers';
import { SetupSessionService } from '../setup/session/setup-session.service';
import { SetupTokenService } from '../setup/session/setup-token.service';

/** What the admin API and the setup page consist of. */
export const FEATURES = [
  InputContexts,
  TokenAnswers,
  ScimTokensService,
  TokenListRepository,
  EndpointInfoService,
  EndpointInfoRepository,
  AuditEntriesService,
  AuditEntriesRepository,
  RevokeAllService,
  ImportService,
  IntrospectionService,
  RotationService,
  RotationWatch,
  LeakedLinks,
  LeaksService,
  SetupLinksRepository,
  SetupLinksService,
  ConnectionRepository,
  ConnectionWatch,
  SetupLimits,
  SetupProviders,
  SetupSessionService,
  SetupTokenService,
];

/** The token endpoint, and who proves itself there. */
export const OAUTH = [
  IssuersKeys,
  AssertionVerifier,
  ClientsRepository,
  AccessTokensRepository,
  ClientAuthentication,
  TokenLimits,
  TokenOutcomes,
  TokenEndpointService,
  AuthorizationServerMetadata,
];

/** What tells of requests that are not made. */
export const EXPLAIN = [ValueExplainer, AssertionExplainer, ExplainService, SetupExplainer];
