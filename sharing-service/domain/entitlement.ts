/** 无条件共享, 有条件共享, 不予共享. */
export type SharingClass = 'unconditional' | 'conditional' | 'not shared'

export interface SharedField {
  readonly name: string
  readonly label: { readonly zh: string; readonly en: string }
  readonly valueType: string
  /** Whether the catalogue lets it leave its department at all. */
  readonly isShareable: boolean
  /** Whether it says by which code a holder is known. */
  readonly isHolderCode: boolean
}

/** A licence type as the catalogue shares it. */
export interface SharedType {
  readonly typeCode: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly category: string
  readonly sharing: SharingClass
  readonly legalBasis: string | null
  readonly fields: readonly SharedField[]
  readonly statusWords: Readonly<Record<string, { readonly code: string; readonly zh: string }>>
}

/** What of an agreement decides. */
export interface AgreedTerms {
  readonly state: 'proposed' | 'accepted' | 'refused' | 'ended'
  readonly typeCode: string
  readonly matterCodes: readonly string[]
  readonly fields: readonly string[]
  readonly validFrom: Date
  readonly validUntil: Date
}

/** What is asked for, and for what. No fields: all that may be had. */
export interface Asked {
  readonly matterCode: string
  readonly legalBasis: string | null
  readonly fields: readonly string[]
}

export type Refusal =
  | 'not shared'
  | 'no agreement'
  | 'agreement not begun'
  | 'agreement ended'
  | 'matter not agreed'
  | 'legal basis missing'

export type FieldRefusal = 'not a field' | 'not shareable' | 'not agreed'

export interface Entitlement {
  /** Why nothing may be had at all; null: what is granted may. */
  readonly refusal: Refusal | null
  readonly granted: readonly string[]
  readonly refused: readonly { readonly field: string; readonly why: FieldRefusal }[]
}

/**
 * Who may get what of a licence, for a matter that the caller's department has. Everything that leaves is built from `granted` alone.
 *
 * Unconditional: the fields that the catalogue lets go. Conditional: those of them that an accepted agreement names, in its time, for its
 * matters, with a legal basis. Not shared: none, whatever was agreed.
 */
export function mayGet(type: SharedType, agreement: AgreedTerms | null, asked: Asked, at: Date): Entitlement {
  const refusal = refusalOf(type, agreement, asked, at)
  if (refusal !== null) return { refusal, granted: [], refused: [] }
  const agreed = type.sharing === 'conditional' ? new Set(agreement?.fields) : undefined
  const whyNot = (name: string): FieldRefusal | null => {
    const field = type.fields.find((one) => one.name === name)
    if (field === undefined) return 'not a field'
    if (!field.isShareable) return 'not shareable'
    return agreed === undefined || agreed.has(name) ? null : 'not agreed'
  }
  const wanted = asked.fields.length > 0 ? [...new Set(asked.fields)] : type.fields.map(({ name }) => name)
  const granted = wanted.filter((name) => whyNot(name) === null)
  // Of what nobody asked for nobody is told that it was refused.
  const refused = asked.fields.length === 0 ? [] : wanted.flatMap((field) => refusedField(field, whyNot(field)))
  return { refusal: null, granted, refused }
}

/**
 * Of what several grant, each alone, those that together grant all of it: first whoever grants most, then whoever adds most, each with what
 * it adds. Of two that add as much the first is taken.
 */
export function shareOut<One extends Pick<Entitlement, 'granted'>>(all: readonly One[]): One[] {
  const shares: One[] = []
  let left = all
  for (;;) {
    const [most] = left.toSorted((one, other) => other.granted.length - one.granted.length)
    if (!most || most.granted.length === 0) return shares
    shares.push(most)
    left = left.map((one) => ({ ...one, granted: one.granted.filter((name) => !most.granted.includes(name)) }))
  }
}

const refusedField = (field: string, why: FieldRefusal | null) => (why === null ? [] : [{ field, why }])

function refusalOf(type: SharedType, agreement: AgreedTerms | null, asked: Asked, at: Date): Refusal | null {
  if (type.sharing === 'not shared') return 'not shared'
  if (type.sharing === 'unconditional') return null
  if (agreement === null || agreement.typeCode !== type.typeCode) return 'no agreement'
  if (agreement.state === 'proposed' || agreement.state === 'refused') return 'no agreement'
  if (agreement.state === 'ended' || at >= agreement.validUntil) return 'agreement ended'
  if (at < agreement.validFrom) return 'agreement not begun'
  if (!agreement.matterCodes.includes(asked.matterCode)) return 'matter not agreed'
  return asked.legalBasis === null || asked.legalBasis.trim() === '' ? 'legal basis missing' : null
}
