import { dayOf, type LicenceData, statusWord } from '../../../licence-format/index.ts'
import type { FieldDefinition } from '../../../templates/index.ts'
import { publicStatus } from '../../domain/validity.ts'
import { findByHolderKey, type LicenceRow } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import type { Deps } from '../deps.ts'
import { foldHolderCode } from '../holder-key.ts'
import { asOfNow } from '../life/due-orders.ts'
import { openData } from '../read-licence.ts'
import type { FetchingReader } from './shared-register.ts'
import { NUMBER_FIELD, sharedType, withoutHidden } from './shared-types.ts'

/** 信息验证 of GB/T 36906. */
export interface DataCheck {
  /** 0 right and valid, 1 not yet active, 2 temporarily void, 3 void, 4 too little to check (or more than is compared), 5 nothing found (or nothing of it right), 6 something differs. */
  readonly code: 0 | 1 | 2 | 3 | 4 | 5 | 6
  /** The licence that was found right. */
  readonly identifier: string | null
}

/** Licences of one holder and type that are looked through. */
const MOST_CANDIDATES = 20

/** Fields that the reader might have of licences of these issuers; null: of all. */
export interface TellingFields {
  readonly fields: readonly string[]
  readonly issuerCodes: readonly string[] | null
}

export interface DataToCheck {
  readonly typeCode: string
  readonly data: Readonly<Record<string, string>>
  /** Only these fields, and the number, show that a licence is known. */
  readonly telling: readonly TellingFields[]
  readonly reader: FetchingReader
  /** Keyed hash of a holder's code, in hexadecimal. */
  readonly keyOf: (code: string) => string
}

/**
 * Compares what somebody says with what stands on the register. A holder's code and another field of the type that tells are needed, and that
 * something differs is said only to who knew such a one of that licence: else the code alone would tell who has what. A licence of which nothing
 * that tells is said is as absent as none: another issuer's agreement shows nothing of it. Of several licences the one in the best state counts.
 * A number selects the licence; without one, what is said is too little where a holder has more licences than are looked through and none of those fits.
 * Fields that the catalogue does not share are not compared, but for holders and dates: who knows code and number would learn the rest by guessing.
 */
export async function checkData(
  deps: Deps,
  { typeCode, data, telling, reader, keyOf }: DataToCheck,
): Promise<DataCheck> {
  const fields = deps.templates.current(typeCode)?.definition.fields
  if (!fields) return { code: 5, identifier: null }
  const given = new Map(Object.entries(data).filter(([, value]) => value.trim() !== ''))
  const code = fields.find(({ name, role }) => role === 'holder-code' && given.has(name))
  const plainFields = fields.filter(({ name, role }) => role === undefined && given.has(name)).map(({ name }) => name)
  const said = [...given].filter(([name]) => name !== code?.name && isField(fields, name))
  const tellingOf = (some: readonly TellingFields[]) =>
    said.filter(([name]) => name === NUMBER_FIELD || some.some((one) => one.fields.includes(name)))
  const isCompared = plainFields.every((name) => isShared(deps, typeCode, name))
  if (!code || !isCompared || tellingOf(telling).length === 0) return { code: 4, identifier: null }
  const at = deps.clock.now()
  const found = await findByHolderKey(deps.database, {
    codeMac: Buffer.from(keyOf(given.get(code.name)!), 'hex'),
    ...{ typeCodes: [typeCode], day: dayOf(at), most: MOST_CANDIDATES + 1 },
    number: given.get(NUMBER_FIELD)?.trim(),
    departmentCodes: issuersWithin(telling, new Set(said.map(([name]) => name))),
  })
  const rows = found.slice(0, MOST_CANDIDATES)
  const candidates = (await asOfNow(deps.database, rows, at)).flatMap((row) => {
    const { infoCheckCode } = statusWord(publicStatus(row.state, row, at))
    const others = tellingOf(telling.filter(({ issuerCodes }) => issuerCodes?.includes(row.departmentCode) ?? true))
    const isCandidate = infoCheckCode !== 5 && row.wrappedDataKey && others.length > 0
    return isCandidate ? [{ row, infoCheckCode, others }] : []
  })
  candidates.sort((one, other) => one.infoCheckCode - other.infoCheckCode)
  let isSomeRight = false
  for (const { row, infoCheckCode, others } of candidates) {
    // What its own template hides is not compared either, whatever a later version says.
    if ((await withoutHidden(deps, row, plainFields)).length < plainFields.length) continue
    await recordRead(deps.database, { at, reader, identifier: row.identifier, what: 'check' })
    const isRight = comparer(openData(deps, row), row, fields)
    if ([...given].every(isRight)) return { code: infoCheckCode, identifier: row.identifier }
    isSomeRight ||= others.some(isRight)
  }
  if (found.length > rows.length) return { code: 4, identifier: null }
  return { code: isSomeRight ? 6 : 5, identifier: null }
}

/** Issuers of whose licences something that tells is said; undefined: of all. Others' must not fill up what is looked through, nor show in it. */
function issuersWithin(telling: readonly TellingFields[], said: ReadonlySet<string>): readonly string[] | undefined {
  const issuers = telling.filter(({ fields }) => fields.some((name) => said.has(name))).map((one) => one.issuerCodes)
  return said.has(NUMBER_FIELD) || issuers.includes(null) ? undefined : issuers.flatMap((codes) => codes ?? [])
}

/** Whether the catalogue lets a field go to anybody. */
function isShared(deps: Deps, typeCode: string, name: string): boolean {
  const type = sharedType(deps, typeCode)
  return type?.sharing !== 'not shared' && type?.fields.find((one) => one.name === name)?.isShareable === true
}

const isField = (fields: readonly FieldDefinition[], name: string): boolean =>
  name === NUMBER_FIELD || fields.some((one) => one.name === name)

/** Whether a field is as it stands on a licence. */
const comparer =
  (data: LicenceData, row: LicenceRow, fields: readonly FieldDefinition[]) =>
  ([name, value]: readonly [string, string]): boolean => {
    if (name === NUMBER_FIELD) return plain(value) === plain(row.printedNumber)
    const field = fields.find((one) => one.name === name)
    return field !== undefined && isSame(field, data.fields[name] ?? null, value)
  }

function isSame({ type, choices, role }: FieldDefinition, kept: LicenceData['fields'][string], value: string): boolean {
  if (kept === null || typeof kept === 'object') return false
  if (role === 'holder-code') return foldHolderCode(value) === foldHolderCode(String(kept))
  if (type === 'money' || type === 'number') return plain(value) !== '' && Number(value) === Number(kept)
  const label = choices?.find((choice) => choice.value === kept)?.label.zh
  return plain(value) === plain(String(kept)) || (label !== undefined && plain(value) === plain(label))
}

/** Other forms of the same characters and the case of letters are no difference to a person who reads them. */
const plain = (text: string): string => text.normalize('NFKC').trim().toUpperCase()
