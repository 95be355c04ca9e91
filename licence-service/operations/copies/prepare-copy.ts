import { createHash } from 'node:crypto'
import {
  type CopyFacts,
  canonicalJson,
  copyFault,
  type LicenceData,
  type LicenceHolder,
  maskName,
  toShanghaiTime,
} from '../../../licence-format/index.ts'
import type { Fault, Queryable } from '../../../platform/index.ts'
import type { LicenceDefinition } from '../../../templates/index.ts'
import { refuseCollected } from '../../domain/collected.ts'
import { isFitEnd, LONGEST_COPY_DAYS } from '../../domain/copy.ts'
import { departmentStatus } from '../../domain/validity.ts'
import { LicenceError } from '../../errors.ts'
import { type CopyRow, findCopy, findCopyByKey, insertCopy } from '../../store/copies.ts'
import { findLicence, type LicenceRow, lockLicence } from '../../store/licences.ts'
import { recordAudit } from '../../store/register.ts'
import { takePlaces, takeRoom } from '../../store/status-lists.ts'
import type { Deps } from '../deps.ts'
import { asOfNow } from '../life/due-orders.ts'
import { drawPlaces } from '../prepare-licences.ts'
import { openData } from '../read-licence.ts'
import { createBox } from '../sealed-content.ts'
import { boxName } from './describe-copy.ts'
import type { CopyMaker, CopyOrder } from './make-copy.ts'

/** Puts a copy on record as prepared: its data, salt, time and status place, before anything is signed. */
export async function prepareCopy(
  deps: Deps,
  maker: CopyMaker,
  order: CopyOrder,
  requestMac: Uint8Array,
): Promise<CopyRow> {
  const madeAt = new Date(Math.floor(deps.clock.now().getTime() / 1000) * 1000)
  const facts = await toFacts(deps, maker, order, madeAt)
  // Whoever is refused takes no room.
  const before = await inStateNow(deps, deps.database, await findLicence(deps.database, order.identifier))
  requireCopyable(before, madeAt)
  toCopyData(deps, before, order.fields, facts)
  const list = await takeRoom(deps.database, 1, 'copies')
  return deps.database.transaction(async (tx) => {
    // Held until the end, so that what ends the original comes before this or finds the copy.
    const original = await inStateNow(deps, tx, await lockLicence(tx, order.identifier))
    const known = await findCopyByKey(tx, maker.departmentCode, order.key)
    if (known) return known
    requireCopyable(original, madeAt)
    await recordCopy(deps, tx, { maker, order, requestMac, madeAt, facts, original, list })
    await recordAudit(tx, maker, madeAt, [
      { action: 'prepare-copy', identifier: original.identifier, detail: facts.copyId },
    ])
    return (await findCopy(tx, facts.copyId))!
  })
}

/** An order that is due has ended the original, though it may not have been carried out. */
const inStateNow = async (deps: Deps, db: Queryable, row: LicenceRow | undefined): Promise<LicenceRow | undefined> =>
  row && (await asOfNow(db, [row], deps.clock.now()))[0]

function requireCopyable(original: LicenceRow | undefined, at: Date): asserts original is LicenceRow {
  if (!original) throw new LicenceError('LICENCE_NOT_FOUND', 'there is no licence with this identifier')
  refuseCollected(original)
  if (departmentStatus(original.state, original, at) !== 'in force') throw notInForce()
}

export const notInForce = () =>
  new LicenceError('COPY_ORIGINAL_NOT_IN_FORCE', 'a copy is made of a licence that is in force')

interface Intent {
  readonly maker: CopyMaker
  readonly order: CopyOrder
  readonly requestMac: Uint8Array
  readonly madeAt: Date
  readonly facts: CopyFacts
  readonly original: LicenceRow
  /** The status list that has room for it. */
  readonly list: number
}

async function recordCopy(deps: Deps, tx: Queryable, intent: Intent): Promise<void> {
  const { maker, order, requestMac, madeAt, facts, original, list } = intent
  const { copyId } = facts
  const data = toCopyData(deps, original, order.fields, facts)
  const { box, wrapped } = createBox(deps, boxName(copyId))
  const json = canonicalJson(data)
  const owner = { identifier: original.identifier, copyId: Buffer.from(copyId, 'base64url') }
  const [statusPlace] = await takePlaces(tx, list, [owner], (count) => drawPlaces(deps, count))
  await insertCopy(tx, {
    copyId,
    identifier: original.identifier,
    typeCode: original.typeCode,
    templateVersion: original.templateVersion,
    departmentCode: original.departmentCode,
    sealId: original.sealId,
    statusList: list,
    statusPlace: statusPlace!,
    maker: maker.id,
    makerDepartment: maker.departmentCode,
    makerKind: maker.kind,
    makerMatter: maker.matterCode ?? null,
    recipientCode: order.recipient.code ?? null,
    key: order.key,
    requestMac,
    madeAt,
    expiresAt: new Date(facts.expiresAt),
    wrappedDataKey: wrapped,
    sealedData: box.seal('data', json),
    dataDigest: createHash('sha256').update(json).digest('hex'),
  })
}

async function toFacts(deps: Deps, maker: CopyMaker, order: CopyOrder, madeAt: Date): Promise<CopyFacts> {
  if (!isFitEnd(order.expiresAt, madeAt))
    throw new LicenceError(
      'COPY_EXPIRY_REFUSED',
      `a copy counts a minute at least and ${LONGEST_COPY_DAYS} days at most`,
    )
  const departments = await deps.facts.departments()
  const facts: CopyFacts = {
    copyId: Buffer.from(deps.ids.bytes(16)).toString('base64url'),
    cause: order.purpose,
    recipient: order.recipient.name,
    creator: departments.find(({ code }) => code === maker.departmentCode)?.name.zh ?? maker.departmentCode,
    createdAt: toShanghaiTime(madeAt),
    expiresAt: toShanghaiTime(order.expiresAt),
  }
  const fault = copyFault(facts)
  if (fault) throw new LicenceError('COPY_WORDS_REFUSED', `what a copy says must be short and plain: ${fault} is not`)
  return facts
}

/** The original's data with the chosen fields alone, of its holders no more than these fields say, and a salt of its own. */
function toCopyData(deps: Deps, original: LicenceRow, names: readonly string[], copy: CopyFacts): LicenceData {
  const data = openData(deps, original)
  const template = deps.templates.version(original.typeCode, original.templateVersion)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'the template of this licence is gone')
  const known = new Set(template.definition.fields.map(({ name }) => name))
  const faults: Fault[] = names.flatMap((name, index) =>
    known.has(name) && names.indexOf(name) === index
      ? []
      : [
          {
            pointer: `/fields/${index}`,
            code: 'COPY_FIELDS_REFUSED',
            detail: 'not a field of this type, or named twice',
          },
        ],
  )
  if (faults.length > 0)
    throw new LicenceError('COPY_FIELDS_REFUSED', 'a copy carries fields of its licence, each once', { faults })
  if (data.body && !Object.keys(data.fields).every((name) => names.includes(name)))
    throw new LicenceError(
      'COPY_FIELDS_REFUSED',
      'a copy of an uploaded document shows all of it: it carries every field',
    )
  return {
    ...data,
    schema: 'zhengyin-copy-1',
    salt: Buffer.from(deps.ids.bytes(16)).toString('base64url'),
    holders: toCopyHolders(template.definition, data.holders, names),
    fields: Object.fromEntries(names.map((name) => [name, data.fields[name] ?? null])),
    copy,
  }
}

/** Names masked, an organisation's too, and no codes, unless the copy carries every field that they stand in: statement and XMP say these. */
function toCopyHolders(
  { fields }: LicenceDefinition,
  holders: readonly LicenceHolder[],
  names: readonly string[],
): LicenceHolder[] {
  const carries = (role: 'holder-name' | 'holder-code') =>
    fields.every((field) => field.role !== role || names.includes(field.name))
  const [withNames, withCodes] = [carries('holder-name'), carries('holder-code')]
  return holders.map((holder) => ({
    ...holder,
    name: withNames ? holder.name : maskName(holder.name),
    code: withCodes ? holder.code : '',
  }))
}
