import { routeDefiner } from '../../platform/http/index.ts'

/** What a caller must be allowed for a route of this service; the directory says who is. */
export type LicencePermission =
  | 'licences.read'
  | 'licences.preview'
  | 'licences.issue'
  | 'licences.change'
  | 'licences.hand-over'

export const defineRoute = routeDefiner<LicencePermission>()
