import type { RouteSet } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { accountRoutes } from './account-routes.ts'
import { apiKeyRoutes } from './api-key-routes.ts'
import { departmentRoutes } from './department-routes.ts'
import { holderRoutes } from './holder-routes.ts'
import { machineClientRoutes } from './machine-client-routes.ts'
import { oidcRoutes } from './oidc-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { directoryProblems } from './problems.ts'
import { securityKeyRoutes } from './security-key-routes.ts'
import { sessionRoutes } from './session-routes.ts'

/** Everything that the directory answers. */
export function directoryRoutes(deps: Deps, options: { readonly isSecure: boolean }): RouteSet {
  const routes = [
    ...sessionRoutes(deps, options),
    ...oidcRoutes(deps, options),
    ...holderRoutes(deps, options),
    ...departmentRoutes(deps),
    ...peopleRoutes(deps),
    ...accountRoutes(deps),
    ...apiKeyRoutes(deps),
    ...machineClientRoutes(deps),
    ...securityKeyRoutes(deps),
  ]
  return { routes, problems: directoryProblems }
}
