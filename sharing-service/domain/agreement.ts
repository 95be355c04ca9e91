import type { Fault } from '../../platform/index.ts'
import type { AgreedTerms, SharedType } from './entitlement.ts'

/** What one department gives another of the licences of one type. */
export interface Agreement extends AgreedTerms {
  readonly id: string
  /** Whose licences: its own and those of departments below it. */
  readonly providerCode: string
  readonly consumerCode: string
  readonly legalBasis: string
  /** Calls, and holders, a day. */
  readonly dailyUses: number
  readonly dailyHolders: number
  readonly proposedBy: string
  readonly proposedAt: Date
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly endedBy: string | null
  readonly endedAt: Date | null
}

const LONGEST_MS = 5 * 366 * 86_400_000

export type AgreementWish = Pick<
  Agreement,
  | 'consumerCode'
  | 'typeCode'
  | 'matterCodes'
  | 'fields'
  | 'legalBasis'
  | 'validFrom'
  | 'validUntil'
  | 'dailyUses'
  | 'dailyHolders'
>

/** Everything that keeps a proposal from making sense, each fault under its pointer. */
export function faultsOfWish(
  wish: AgreementWish,
  facts: {
    readonly providerCode: string
    readonly type: SharedType | undefined
    readonly isIssuer: boolean
    readonly isConsumerKnown: boolean
    readonly now: Date
  },
): Fault[] {
  const { type } = facts
  const faults: Fault[] = []
  const add = (pointer: string, code: string, detail: string) => void faults.push({ pointer, code, detail })
  if (type === undefined) add('/typeCode', 'TYPE_UNKNOWN', 'there is no licence type with this code')
  else if (type.sharing !== 'conditional')
    add(
      '/typeCode',
      'TYPE_NOT_CONDITIONAL',
      `the catalogue has this type as ${type.sharing}: no agreement changes that`,
    )
  if (!facts.isIssuer)
    add('/typeCode', 'NOT_ISSUER', 'neither this department nor one below it issues licences of this type')
  if (!facts.isConsumerKnown) add('/consumerCode', 'DEPARTMENT_UNKNOWN', 'there is no such department')
  if (wish.consumerCode === facts.providerCode)
    add('/consumerCode', 'ONESELF', 'a department needs no agreement with itself')
  wish.fields.forEach((name, index) => {
    const field = type?.fields.find((one) => one.name === name)
    if (type && !field) add(`/fields/${index}`, 'FIELD_UNKNOWN', 'the type has no such field')
    else if (field && !field.isShareable)
      add(`/fields/${index}`, 'FIELD_NOT_SHAREABLE', 'the catalogue keeps this field in its department')
  })
  if (wish.validUntil <= wish.validFrom) add('/validUntil', 'ENDS_BEFORE_IT_BEGINS', 'expected a time after validFrom')
  else if (wish.validUntil <= facts.now) add('/validUntil', 'PAST', 'expected a time to come')
  else if (wish.validUntil.getTime() - wish.validFrom.getTime() > LONGEST_MS)
    add('/validUntil', 'TOO_LONG', 'an agreement lasts five years at most')
  return faults
}
