import type { Route, RouteSet } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { holderLinkRoutes } from './holder-links.ts'
import { type Issue, licenceRoutes } from './licences.ts'
import { licenceProblems } from './problems.ts'
import { publicRoutes } from './public.ts'

/** All routes of the service with the problems they may end in. Fixed paths stand before those with parameters. */
export const createLicenceRoutes = (deps: Deps, issue: Issue, ofParts: readonly Route[]): RouteSet => ({
  routes: [...publicRoutes(deps), ...ofParts, ...licenceRoutes(deps, issue), ...holderLinkRoutes(deps)],
  problems: licenceProblems,
})
