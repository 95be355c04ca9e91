import type { Principal } from '../auth/principal.ts'
import { PlatformError } from '../errors.ts'

/** The part of a request that says who asks. */
export interface Credentials {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Looks up who asks and what they may. Comes from the room that knows accounts. */
export interface Authority {
  /** Undefined when the request names nobody. Throws for a named but refused one. */
  authenticate(request: Credentials): Promise<Principal | undefined>
  isPermitted(principal: Principal, permission: string): boolean
  /**
   * Lets the principal do what is dangerous, or rejects with STEP_UP_REQUIRED: whoever must confirm with a security key has done so a
   * few minutes ago. Absent: nobody passes.
   */
  requireStepUp?(principal: Principal): Promise<void>
}

/** Lets the principal pass or throws AUTHENTICATION_REQUIRED, PERMISSION_DENIED. */
export function requirePermission(
  authority: Authority,
  principal: Principal | undefined,
  permission: string,
): Principal {
  if (!principal) throw new PlatformError('AUTHENTICATION_REQUIRED', 'log in or send an API key')
  const may = permission === 'authenticated' ? !principal.isOutside : authority.isPermitted(principal, permission)
  if (!may) {
    throw new PlatformError('PERMISSION_DENIED', `this needs the permission ${permission}`)
  }
  return principal
}

/** As `Authority.requireStepUp`. */
export async function requireStepUp(authority: Authority, principal: Principal): Promise<void> {
  if (!authority.requireStepUp) throw new PlatformError('STEP_UP_REQUIRED', 'nobody here can confirm this')
  await authority.requireStepUp(principal)
}

/** For processes without accounts: nobody is known, so only public routes answer. */
export const nobody: Authority = { authenticate: async () => undefined, isPermitted: () => false }
