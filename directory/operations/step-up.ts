import { PlatformError, type Principal } from '../../platform/index.ts'
import { plus, STEP_UP_MS } from '../domain/limits.ts'
import type { Deps } from './deps.ts'

/** Lets pass whoever may do what is dangerous now. Throws STEP_UP_REQUIRED. */
export async function requireStepUp({ clock, isProduction }: Deps, principal: Principal): Promise<void> {
  if (principal.kind === 'system' || !isProduction) return
  const { steppedUpAt } = principal
  if (steppedUpAt && clock.now() < plus(steppedUpAt, STEP_UP_MS)) return
  throw new PlatformError('STEP_UP_REQUIRED', 'this needs a confirmation with a security key in the last five minutes')
}
