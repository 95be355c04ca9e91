import type { Principal } from '../../platform/index.ts'

/** An order of the seal service that documents in doubt be sealed anew with another seal of the same owner. */
export interface ResealOrder {
  readonly resealId: string
  readonly newSealId: string
  readonly endedAt: Date | null
}

/** The orders of the seal service, and what became of their documents. */
export interface Reseals {
  reseal(principal: Principal, resealId: string): Promise<ResealOrder>
  /** Documents that wait, oldest first. */
  resealItems(
    principal: Principal,
    resealId: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly items: readonly { useId: string; identifier: string }[]; readonly next: string | null }>
  /** Tells what took the place of a document; a repeat changes nothing. */
  reportResealed(
    principal: Principal,
    done: { readonly resealId: string; readonly useId: string; readonly newIdentifier: string },
  ): Promise<unknown>
}
