import type { Text } from '../kit/language.ts'
import { hasRole } from '../kit/session.ts'
import type { Route } from './route.ts'
import { words } from './words.ts'

interface Part {
  readonly href: string
  readonly text: Text
  /** The places that belong to it. */
  readonly places: readonly Route['at'][]
  readonly roles?: readonly string[]
}

const countingRoles = ['issuer', 'licence-reviewer', 'viewer', 'auditor']

const parts: readonly Part[] = [
  { href: '#/', text: words.home, places: ['home'] },
  {
    href: '#/licences',
    text: words.licences,
    places: ['licences', 'licence', 'types', 'form', 'follow'],
    roles: ['issuer', 'licence-reviewer', 'viewer'],
  },
  {
    href: '#/orders',
    text: words.orders,
    places: ['orders', 'receive'],
    roles: ['issuer', 'licence-reviewer', 'viewer'],
  },
  { href: '#/cases', text: words.cases, places: ['cases'], roles: ['issuer', 'licence-reviewer'] },
  {
    href: '#/batches',
    text: words.batches,
    places: ['batches', 'batch', 'new-batch'],
    roles: ['issuer', 'licence-reviewer'],
  },
  { href: '#/scans', text: words.scans, places: ['scans'], roles: ['issuer', 'licence-reviewer', 'viewer'] },
  { href: '#/sources', text: words.sources, places: ['sources'], roles: ['licence-reviewer'] },
  {
    href: '#/catalogue',
    text: words.catalogue,
    places: ['catalogue', 'type', 'new-type', 'edit-type', 'import-catalogue', 'template'],
  },
  { href: '#/sharing', text: words.sharing, places: ['sharing'], roles: ['licence-reviewer'] },
  { href: '#/accesses', text: words.accesses, places: ['accesses'], roles: ['auditor'] },
  { href: '#/personal-data', text: words.personalData, places: ['personal-data'], roles: ['licence-reviewer'] },
  { href: '#/statistics', text: words.statistics, places: ['statistics'], roles: countingRoles },
  { href: '#/quality', text: words.quality, places: ['quality'], roles: countingRoles },
  { href: '#/keys', text: words.keys, places: ['keys'] },
]

/** The parts of the console that are of use to whoever is logged in; the server decides all the same. */
export const sectionsFor = (route: Route) =>
  parts
    .filter(({ roles }) => !roles || hasRole(...roles))
    .map(({ href, text, places }) => ({ href, text, isHere: places.includes(route.at) }))
