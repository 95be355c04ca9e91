import type { Permission } from '../../directory/index.ts'
import { routeDefiner } from '../../platform/http/index.ts'

/** Routes of this service; what each asks for, the directory grants. */
export const defineRoute = routeDefiner<Permission>()
