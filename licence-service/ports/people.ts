import type { Principal } from '../../platform/index.ts'

/** The directory, as this service asks for whoever acts. */
export interface People {
  /** Whether the caller's session or key has the permission. */
  isPermitted(principal: Principal, permission: string): boolean
  /** Whether the caller has the permission at this moment, in the record and not only in the session. */
  mayNow(principal: Principal, permission: string): Promise<boolean>
  /** Throws unless the person has just proved to be there with a security key. */
  requireStepUp(principal: Principal): Promise<void>
}
