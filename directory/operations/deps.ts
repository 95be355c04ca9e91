import type { Clock, Database, Ids } from '../../platform/index.ts'
import type { HolderLogin } from './holder-login.ts'
import type { OpenidProvider } from './openid-provider.ts'
import type { RelyingParty } from './webauthn.ts'

export interface Deps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly isProduction: boolean
  /** A session ends this long after its last use. */
  readonly sessionIdleMs: number
  /** Who says who people are, beside us; undefined where nobody does. */
  readonly provider: OpenidProvider | undefined
  /** Whether people may log in with a password. */
  readonly passwordLogin: boolean
  /** How holders of licences log in; undefined where none does. */
  readonly holders: HolderLogin | undefined
  /** For whom security keys sign. */
  readonly party: RelyingParty
  /** Whether a text is a department's code, down to its check character. */
  readonly isDepartmentCode: (text: string) => boolean
}
