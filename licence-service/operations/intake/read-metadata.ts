// The metadata of GB/T 36903 under their usual short names, as another system hands them over with a licence it made.
import { type FieldValue, isCalendarDate, type LicenceHolder, parseIdentifier } from '../../../licence-format/index.ts'
import type { Fault } from '../../../platform/index.ts'
import type { FieldDefinition, FieldRole } from '../../../templates/index.ts'

/** By short name; holders may be several, then CZZT, CZZTDM and CZZTDMLXDM are lists in one order. `KZ_x` is the type's field `x`. */
export type Metadata = Readonly<Record<string, string | readonly string[]>>

/** What a collected licence says of itself, checked. */
export interface CollectedFacts {
  readonly identifier: string
  readonly typeCode: string
  readonly serial: string
  readonly version: number
  readonly typeName: string
  readonly number: string
  readonly issuer: { readonly code: string; readonly name: string }
  readonly holders: readonly LicenceHolder[]
  /** Days in Asia/Shanghai, `YYYY-MM-DD`. */
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly fields: Readonly<Record<string, FieldValue>>
}

const LONGEST = 2_000
const MOST_HOLDERS = 50
const HOLDER_NAMES = ['CZZT', 'CZZTDM', 'CZZTDMLXDM'] as const
const KNOWN = new Set([
  ...['ZZMC', 'ZZLXDM', 'ZZBH', 'ZZBS', 'ZZBFJG', 'ZZBFJGDM', 'ZZBFRQ', 'ZZYXQQSRQ', 'ZZYXQJZRQ', 'CZZTDMLX'],
  ...HOLDER_NAMES,
])
const FIELD_PREFIX = 'KZ_'
/** Days before it begin, in Shanghai, in a year that the database does not have. */
const FIRST_DAY = '0001-01-02'

/**
 * Reads metadata against the fields of the type: either what they say, or every fault with its place in the request.
 * @param today `YYYY-MM-DD`; nothing was issued later
 */
export function readMetadata(
  metadata: Metadata,
  fields: readonly FieldDefinition[],
  today: string,
): { readonly ok: true; readonly facts: CollectedFacts } | { readonly ok: false; readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const fault = (name: string, code: string, detail: string) =>
    void faults.push({ pointer: `/metadata/${name}`, code, detail })
  const text = (name: string): string => {
    const value = metadata[name]
    if (typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST) return value.trim()
    fault(name, value === undefined ? 'MISSING' : 'MALFORMED', `a text of at most ${LONGEST} characters`)
    return ''
  }
  const day = (name: string): string => {
    const written = text(name)
    const value = /^\d{8}$/.test(written)
      ? `${written.slice(0, 4)}-${written.slice(4, 6)}-${written.slice(6)}`
      : written
    if (written !== '' && (!isCalendarDate(value) || value < FIRST_DAY)) fault(name, 'MALFORMED', 'a day as YYYYMMDD')
    return value
  }
  const identifier = identifierOf(text('ZZBS'), fault)
  const typeCode = text('ZZLXDM')
  const issuerCode = text('ZZBFJGDM')
  if (identifier && identifier.typeCode !== typeCode) fault('ZZLXDM', 'DIFFERS', 'not the type that ZZBS names')
  if (identifier && identifier.issuerCode !== issuerCode)
    fault('ZZBFJGDM', 'DIFFERS', 'not the issuing department that ZZBS names')
  const issuedOn = day('ZZBFRQ')
  if (issuedOn > today) fault('ZZBFRQ', 'IN_FUTURE', 'issued later than today')
  const validFrom = metadata['ZZYXQQSRQ'] === undefined ? issuedOn : day('ZZYXQQSRQ')
  const validUntil = metadata['ZZYXQJZRQ'] === undefined ? null : day('ZZYXQJZRQ')
  if (validUntil !== null && validUntil < validFrom) fault('ZZYXQJZRQ', 'BEFORE_START', 'ends before it begins')
  const holders = holdersOf(metadata, fault)
  const named = [text('ZZMC'), text('ZZBH'), text('ZZBFJG')] as const
  const own = ownFieldsOf(metadata, fields, fault)
  if (faults.length > 0 || !identifier) return { ok: false, faults }
  const [typeName, number, issuerName] = named
  const days = { 'issued-on': issuedOn, 'valid-from': validFrom, 'valid-until': validUntil }
  return {
    ok: true,
    facts: {
      ...{ identifier: identifier.text, serial: identifier.serial, version: identifier.version },
      ...{ typeCode, typeName, number, issuer: { code: issuerCode, name: issuerName }, holders },
      ...{ issuedOn, validFrom, validUntil, fields: { ...byRole(fields, holders, days), ...own } },
    },
  }
}

type SayFault = (name: string, code: string, detail: string) => void

function identifierOf(text: string, fault: SayFault): ReturnType<typeof parseIdentifier> | undefined {
  if (text === '') return undefined
  try {
    const identifier = parseIdentifier(text)
    if (identifier.issuerCode.length === 18) return identifier
    fault('ZZBS', 'ISSUER_NOT_NAMED', 'the issuing department stands in it by its credit code of 18 characters')
  } catch {
    fault('ZZBS', 'MALFORMED', 'an identifier as in GB/T 36904, with the right check character')
  }
  return undefined
}

function holdersOf(metadata: Metadata, fault: SayFault): LicenceHolder[] {
  const lists = HOLDER_NAMES.map((name) => {
    const value = metadata[name] ?? []
    const list = (typeof value === 'string' ? [value] : value).map((one) => one.trim())
    if (list.length === 0) fault(name, 'MISSING', 'a licence has a holder')
    else if (list.length > MOST_HOLDERS || list.some((one) => one === '' || one.length > 200))
      fault(name, 'MALFORMED', `1 to ${MOST_HOLDERS} texts of at most 200 characters`)
    return list
  })
  const [names, codes, types] = lists as [string[], string[], string[]]
  if (codes.length !== names.length || types.length !== names.length)
    fault('CZZTDM', 'DIFFERS', 'as many codes and types of codes as holders')
  if (codes.some((code) => code.length > 64)) fault('CZZTDM', 'MALFORMED', 'codes of at most 64 characters')
  if (types.some((type) => !/^\d{3}$/.test(type)))
    fault('CZZTDMLXDM', 'MALFORMED', 'codes of GB/T 36903 annex A: three digits')
  // Codes are looked for in capitals.
  return names.map((name, at) => ({ name, code: (codes[at] ?? '').toUpperCase(), codeType: types[at] ?? '' }))
}

/** The type's own fields that the source sent; pictures and tables stay in its document. */
function ownFieldsOf(
  metadata: Metadata,
  fields: readonly FieldDefinition[],
  fault: SayFault,
): Record<string, FieldValue> {
  const own: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries(metadata)) {
    if (KNOWN.has(name)) continue
    const field = name.startsWith(FIELD_PREFIX) && fields.find((one) => one.name === name.slice(FIELD_PREFIX.length))
    if (!field || field.type === 'picture' || field.type === 'table')
      fault(name, 'UNKNOWN', 'neither a name of GB/T 36903 nor KZ_ and a field of this type')
    else if (typeof value !== 'string' || value.trim() === '' || value.length > LONGEST)
      fault(name, 'MALFORMED', `a text of at most ${LONGEST} characters`)
    else own[field.name] = value.trim()
  }
  return own
}

/** What the metadata say in the fields that the type has for it. */
function byRole(
  fields: readonly FieldDefinition[],
  holders: readonly LicenceHolder[],
  days: Readonly<Record<'issued-on' | 'valid-from' | 'valid-until', string | null>>,
): Record<string, FieldValue> {
  const said: Record<string, FieldValue> = {}
  const withRole = (role: FieldRole) => fields.filter((field) => field.role === role)
  for (const [at, { name }] of withRole('holder-name').entries()) if (holders[at]) said[name] = holders[at].name
  for (const [at, { name }] of withRole('holder-code').entries()) if (holders[at]) said[name] = holders[at].code
  for (const role of ['issued-on', 'valid-from', 'valid-until'] as const)
    for (const { name } of withRole(role)) said[name] = days[role]
  return said
}
