// What other departments may ask of the register, once somebody else has decided that they may. Each read is on record.
import {
  dayOf,
  type FieldValue,
  type LicenceStatus,
  parseIdentifier,
  statusWord,
} from '../../../licence-format/index.ts'
import { originOf } from '../../domain/collected.ts'
import { publicStatus } from '../../domain/validity.ts'
import { findCopy } from '../../store/copies.ts'
import { findByHolderKey, findLicence, holderCodes, type LicenceRow } from '../../store/licences.ts'
import { changesAfter, lastPosition, type RegisterChange } from '../../store/outbox.ts'
import { recordRead } from '../../store/reads.ts'
import { statusOfCopy } from '../copies/complete-copy.ts'
import { type CopyOrder, makeCopy } from '../copies/make-copy.ts'
import { openCopyDocument, requireInForce } from '../copies/read-copies.ts'
import type { Deps } from '../deps.ts'
import { holderKeyOf } from '../holder-key.ts'
import { asOfNow } from '../life/due-orders.ts'
import { openData } from '../read-licence.ts'
import { checkData, type DataCheck, type TellingFields } from './check-data.ts'
import { issuersOf, NUMBER_FIELD, type SharedType, sharedType, withoutHidden } from './shared-types.ts'

/** Who reads for a department, and for which matter of its own. */
export interface FetchingReader {
  readonly id: string
  readonly kind: 'person' | 'machine'
  readonly departmentCode: string
  readonly matterCode: string
}

/** A licence without anything of its holder but the keyed hashes of their codes. */
export interface LicenceBrief {
  readonly identifier: string
  readonly typeCode: string
  readonly issuerCode: string
  readonly issuerName: string
  readonly status: LicenceStatus
  /** 信息验证 code of GB/T 36906 for this status. */
  readonly checkCode: 0 | 1 | 2 | 3 | 5
  readonly statusAsOf: Date
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  /** Made here, or taken over from another system. */
  readonly origin: 'issued' | 'collected'
  /** Whose system it was taken over from; null for what was made here. */
  readonly source: string | null
  /** In hexadecimal. */
  readonly holderKeys: readonly string[]
}

export interface SharedRegister {
  /** The type as it is shared; undefined where there is none. */
  type(typeCode: string): SharedType | undefined
  /** Codes of the departments that issue a type now. */
  issuersOf(typeCode: string): Promise<string[]>
  /** The keyed hash by which a holder is found, in hexadecimal; the code is compared in capitals. */
  keyOf(code: string): string
  /** Those in force first, then newest first. */
  findByHolder(query: {
    readonly holderKey: string
    readonly typeCode: string
    readonly most: number
  }): Promise<LicenceBrief[]>
  find(identifier: string): Promise<LicenceBrief | undefined>
  /** The values of these fields, `@number` among them, without those that the licence's own template hides; undefined where there is no
   * such licence, or its data are erased. */
  open(
    identifier: string,
    fields: readonly string[],
    reader: FetchingReader,
  ): Promise<Readonly<Record<string, FieldValue>> | undefined>
  /** Compares within the house (信息验证): nothing of the licence comes out but the code, and whose it was for the record.
   * Licences of which the reader says nothing that tells are looked past. */
  checkData(
    typeCode: string,
    data: Readonly<Record<string, string>>,
    telling: readonly TellingFields[],
    reader: FetchingReader,
  ): Promise<DataCheck>
  /** A copy for the reader's purpose with its document; the number stands on every copy and is no field of it, hidden fields stand on none.
   * Throws as `makeCopy`, and COPY_STATE_REFUSED where the same order's copy is in force no longer. */
  makeCopy(
    order: CopyOrder,
    reader: FetchingReader,
  ): Promise<{ readonly copyId: string; readonly fields: readonly string[]; readonly pdf: Uint8Array }>
  /** The document of a copy that holds; undefined where there is none. */
  copyDocument(copyId: string): Promise<Uint8Array | undefined>
  changesAfter(position: bigint, most: number): Promise<RegisterChange[]>
  lastPosition(): Promise<bigint>
}

/** Joins the reads; nothing happens before a call. */
export function createSharedRegister(deps: Deps): SharedRegister {
  const { database, clock } = deps
  const keyOf = (code: string) => holderKeyOf(deps, code)
  return {
    type: (typeCode) => sharedType(deps, typeCode),
    issuersOf: (typeCode) => issuersOf(deps, typeCode),
    keyOf,
    async findByHolder({ holderKey, typeCode, most }) {
      const codeMac = Buffer.from(holderKey, 'hex')
      const day = dayOf(clock.now())
      return toBriefs(deps, await findByHolderKey(database, { codeMac, typeCodes: [typeCode], day, most }))
    },
    async find(identifier) {
      const row = await findLicence(database, parseIdentifier(identifier).text)
      return row && isIssued(row) ? (await toBriefs(deps, [row]))[0] : undefined
    },
    async open(identifier, fields, reader) {
      const row = await findLicence(database, parseIdentifier(identifier).text)
      if (!row || !isIssued(row) || !row.wrappedDataKey) return undefined
      await recordRead(database, { at: clock.now(), reader, identifier: row.identifier, what: 'data' })
      return valuesOf(deps, row, await withoutHidden(deps, row, fields))
    },
    checkData: (typeCode, data, telling, reader) => checkData(deps, { typeCode, data, telling, reader, keyOf }),
    async makeCopy(order, reader) {
      const original = await findLicence(database, order.identifier)
      const named = order.fields.filter((name) => name !== NUMBER_FIELD)
      const fields = original ? await withoutHidden(deps, original, named) : named
      const made = await makeCopy(deps, reader, { ...order, fields })
      requireInForce(made.status)
      const row = (await findCopy(database, made.copyId))!
      return { copyId: made.copyId, fields: made.fields, pdf: await openCopyDocument(deps, row) }
    },
    async copyDocument(copyId) {
      const row = await findCopy(database, copyId)
      if (!row || row.documentBlob === null || !row.wrappedDataKey) return undefined
      const status = await statusOfCopy(deps, row)
      return status === 'in force' ? openCopyDocument(deps, row) : undefined
    },
    changesAfter: (position, most) => changesAfter(database, position, most),
    lastPosition: () => lastPosition(database),
  }
}

/** What never left the house is as absent as what never was. */
const isIssued = ({ state }: LicenceRow): boolean => state !== 'prepared' && state !== 'rejected'

function valuesOf(deps: Deps, row: LicenceRow, fields: readonly string[]): Record<string, FieldValue> {
  const data = openData(deps, row)
  const values: Record<string, FieldValue> = {}
  for (const name of fields) {
    if (name === NUMBER_FIELD) values[name] = data.number
    else if (Object.hasOwn(data.fields, name)) values[name] = data.fields[name]!
  }
  return values
}

async function toBriefs(deps: Deps, rows: readonly LicenceRow[]): Promise<LicenceBrief[]> {
  if (rows.length === 0) return []
  const at = deps.clock.now()
  const issuers = new Map((await deps.facts.departments()).map(({ code, name }) => [code, name.zh]))
  return Promise.all((await asOfNow(deps.database, rows, at)).map((row) => toBrief(deps, row, { issuers, at })))
}

async function toBrief(
  deps: Deps,
  row: LicenceRow,
  { issuers, at }: { readonly issuers: ReadonlyMap<string, string>; readonly at: Date },
): Promise<LicenceBrief> {
  const status = publicStatus(row.state, row, at)
  const { origin, source } = originOf(row)
  const holders = await holderCodes(deps.database, row.identifier)
  return {
    identifier: row.identifier,
    typeCode: row.typeCode,
    issuerCode: row.departmentCode,
    issuerName: issuers.get(row.departmentCode) ?? '',
    status,
    checkCode: statusWord(status).infoCheckCode,
    statusAsOf: row.statusReportedAt ?? at,
    issuedOn: row.issuedOn,
    validFrom: row.validFrom,
    validUntil: row.validUntil,
    ...{ origin, source },
    holderKeys: holders.map((mac) => Buffer.from(mac).toString('hex')),
  }
}
