import type { MacKey, OutwardKey, WrappingKey } from '../../key-store/index.ts'
import type { Blobs, Clock, Database, GuardedAsk, Ids, Log } from '../../platform/index.ts'
import type { FontSet } from '../../templates/index.ts'
import type { ValidationPolicy } from '../../verifier/index.ts'
import type { AccessSource } from '../ports/accesses.ts'
import type { ForeignJudge, Judge } from '../ports/judge.ts'
import type { ListSigner } from '../ports/list-signer.ts'
import type { People } from '../ports/people.ts'
import type { PageToRender, RenderedPage } from '../ports/renderer.ts'
import type { Reseals } from '../ports/reseals.ts'
import type { SealFacts } from '../ports/seal-facts.ts'
import type { Sealer } from '../ports/sealer.ts'
import type { Trust } from '../ports/trust.ts'
import type { Templates } from './templates/templates.ts'

export type { Template } from './templates/templates.ts'

/** What every operation may use; built once in `createLicenceService`. */
export interface Deps {
  readonly database: Database
  readonly blobs: Blobs
  readonly keys: { readonly wrapping: WrappingKey; readonly mac: MacKey }
  readonly sealer: Sealer
  /** Orders of the seal service to seal documents anew. */
  readonly reseals: Reseals
  readonly listSigner: ListSigner
  readonly facts: SealFacts
  readonly trust: Trust
  readonly people: People
  /** The log of what other departments fetched; left out where nobody shares. */
  readonly accesses?: AccessSource
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly baseUrl: string
  /** Counts what became of licences, for the operator's figures. */
  readonly count: (
    outcome: 'issued' | 'rejected' | 'interrupted' | 'below-level' | 'raised' | 'renewed',
    licences: number,
  ) => void
  /** Shows how many published templates look as approved, for the operator's figures. */
  readonly showGoldens?: (counts: readonly { readonly state: string; readonly versions: number }[]) => void
  /** Shows how long the trust list in force is, as a share of what its readers take. */
  readonly showTrustList?: (share: number) => void
  readonly templates: Templates
  readonly fonts: FontSet
  /** Signs what the service tells others: the catalogue file. */
  readonly outwardKey: OutwardKey
  /** What a new document must stand up to: the same object while the anchors are, since what is prepared for a policy is kept with it. */
  readonly policy: () => ValidationPolicy
  /** Whether this process only works batches off, and how many chunks at once; left out: a server, one. */
  readonly batchWork?: { readonly isWorker: boolean; readonly atOnce: number }
  readonly judge: Judge
  readonly judgeForeign: ForeignJudge
  /** Asks an address that somebody else wrote, within limits. */
  readonly askOutside: GuardedAsk
  readonly render: (pages: readonly PageToRender[]) => Promise<readonly RenderedPage[]>
}
