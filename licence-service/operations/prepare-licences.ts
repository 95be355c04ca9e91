import { createHash } from 'node:crypto'
import { canonicalJson, formatIdentifier, type LicenceData, parseIdentifier } from '../../licence-format/index.ts'
import { type Database, isSqlError, type Principal, type Queryable, UNIQUE_VIOLATION } from '../../platform/index.ts'
import { formatLicenceNumber, lastSequence, TemplateError } from '../../templates/index.ts'
import { numberPeriod } from '../domain/number-period.ts'
import { LicenceError } from '../errors.ts'
import { takeKeys } from '../store/idempotency.ts'
import { insertPrepared, type LicenceRow, type PreparedRow } from '../store/licences.ts'
import { takeNumbers } from '../store/numbers.ts'
import { appendEntries, recordAudit } from '../store/register.ts'
import { LIST_SIZE, takePlaces, takeRoom } from '../store/status-lists.ts'
import type { Deps } from './deps.ts'
import { holderCodeMac } from './holder-key.ts'
import type { KeyedRequest } from './issue-licences.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import { type ContentBox, createBox, keyedHash, openBox } from './sealed-content.ts'
import { fieldMacsOf } from './searched-fields.ts'
import { holdTemplates } from './templates/hold-templates.ts'
import type { ValidRequest } from './validate-requests.ts'

/** A licence on record as prepared, with what the remaining steps need of it opened. */
export type PreparedLicence = Pick<
  LicenceRow,
  | 'identifier'
  | 'typeCode'
  | 'departmentCode'
  | 'sealId'
  | 'coSeals'
  | 'printedNumber'
  | 'templateVersion'
  | 'statusList'
  | 'statusPlace'
  | 'preparedAt'
  | 'replaces'
  | 'supersedesFrom'
  | 'sealedReason'
  | 'successorCause'
  | 'sealedLegalBasis'
  | 'orderId'
  | 'caller'
  | 'dataDigest'
  | 'targetLevel'
> & {
  readonly box: ContentBox
  readonly licenceJson: Uint8Array
  readonly data: LicenceData
  readonly pictures: ReadonlyMap<string, Uint8Array>
}

/** What is fixed of a licence before the first transaction. */
interface Draft {
  readonly valid: ValidRequest
  readonly identifier: string
  readonly salt: string
  readonly box: ContentBox
  readonly wrappedDataKey: Uint8Array
  readonly pictureBlobs: readonly string[]
  /** Under the key of the licence that is replaced: it is that one's register entry it belongs to. */
  readonly sealedReason: Uint8Array | null
  readonly sealedLegalBasis: Uint8Array | null
}

interface NumberedDraft extends Draft {
  /** As it is printed. */
  readonly number: string
}

export interface Prepared {
  readonly prepared: readonly (PreparedLicence & { readonly key: string })[]
  /** Requests whose key another process took meanwhile: their answer is on record, or will be. */
  readonly overtaken: readonly KeyedRequest[]
  /** Replacements that another one of the same licence overtook, and what was to be made with a template retired meanwhile. */
  readonly refused: ReadonlyMap<string, IssueOutcome>
}

/**
 * Step 3, TX-A: numbers, salt, data, status place, key: the intent is on record before anything is signed. Numbers and room on a status list
 * are taken before it: within it every other licence of the type would wait for its end.
 */
export async function prepareLicences(
  deps: Deps,
  caller: Principal,
  valid: readonly ValidRequest[],
): Promise<Prepared> {
  const drafts = await draftAll(deps, valid)
  const groups = [
    drafts.filter(({ valid }) => !valid.replaced),
    ...drafts.filter(({ valid }) => valid.replaced).map((one) => [one]),
  ]
  const prepared: (PreparedLicence & { key: string })[] = []
  const refused = new Map<string, IssueOutcome>()
  for (const group of groups) {
    if (group.length === 0) continue
    try {
      const { numbered, left } = await allotNumbers(deps.database, group)
      for (const { valid } of left) refused.set(valid.request.key, { ok: false, error: noNumberLeft() })
      if (numbered.length === 0) continue
      const list = await takeRoom(deps.database, numbered.length)
      const { recorded, stale } = await deps.database.transaction(async (tx) => {
        const { held, stale } = await holdTemplates(tx, numbered)
        return { recorded: await recordIntent(deps, tx, caller, held, list), stale }
      })
      prepared.push(...recorded)
      for (const { valid } of stale) refused.set(valid.request.key, { ok: false, error: templateRetired() })
    } catch (error) {
      const { request, replaced } = group[0]!.valid
      if (!replaced || !isSqlError(error, UNIQUE_VIOLATION)) throw error
      const message = 'another replacement of this licence is on its way or done'
      refused.set(request.key, {
        ok: false,
        error: new LicenceError('LICENCE_REPLACEMENT_UNDER_WAY', message, { cause: error }),
      })
    }
  }
  const mine = new Set([...prepared.map(({ key }) => key), ...refused.keys()])
  return { prepared, refused, overtaken: valid.map(({ request }) => request).filter(({ key }) => !mine.has(key)) }
}

const noNumberLeft = () =>
  new TemplateError(
    'NUMBER_EXHAUSTED',
    'every number that the rule of this type has room for was given out in this period',
  )

const templateRetired = () =>
  new LicenceError('TEMPLATE_RETIRED', 'the template was retired while the licence was being prepared: ask again')

async function draftAll(deps: Deps, valid: readonly ValidRequest[]): Promise<Draft[]> {
  const drafts = valid.map((one) => {
    const identifier = formatIdentifier({
      typeCode: one.template.definition.typeCode,
      issuerCode: one.issuer.code,
      serial: one.replaced?.serial ?? deps.ids.serial(20),
      version: one.replaced?.version ?? 1,
    })
    const { box, wrapped } = createBox(deps, identifier)
    return {
      valid: one,
      identifier,
      salt: Buffer.from(deps.ids.bytes(16)).toString('base64url'),
      box,
      wrappedDataKey: wrapped,
    }
  })
  const pictures = drafts.flatMap(({ valid, box }) =>
    [...valid.validated.pictures.values()].map((bytes) => box.seal('picture', bytes)),
  )
  const blobs = pictures.length === 0 ? [] : await deps.blobs.putMany(pictures)
  let next = 0
  return drafts.map((draft) => {
    const pictureBlobs = blobs.slice(next, (next += draft.valid.validated.pictures.size))
    const { replaced, request } = draft.valid
    if (!replaced) return { ...draft, pictureBlobs, sealedReason: null, sealedLegalBasis: null }
    const { reason, legalBasis } = request.replaces!
    const oldBox = openBox(deps, replaced.row)
    const sealedReason = oldBox.seal('reason', Buffer.from(reason))
    const sealedLegalBasis = legalBasis === undefined ? null : oldBox.seal('legal-basis', Buffer.from(legalBasis))
    return { ...draft, pictureBlobs, sealedReason, sealedLegalBasis }
  })
}

async function recordIntent(
  deps: Deps,
  tx: Queryable,
  caller: Principal,
  drafts: readonly NumberedDraft[],
  list: number,
): Promise<(PreparedLicence & { key: string })[]> {
  const now = new Date(Math.floor(deps.clock.now().getTime() / 1000) * 1000)
  const keys = drafts.map(({ identifier, valid: { request } }) => ({
    key: request.key,
    requestMac: request.requestMac,
    identifier,
  }))
  const free = new Set(await takeKeys(tx, caller.departmentCode, now, keys))
  const mine = drafts.filter(({ valid }) => free.has(valid.request.key))
  if (mine.length === 0) return []
  const places = await takePlaces(tx, list, mine, (count) => drawPlaces(deps, count))
  const licences = mine.map((draft, index) => toPrepared(draft, caller, now, list, places[index]!))
  const rows = licences.map((licence, index) => toRow(deps, licence, mine[index]!))
  await insertPrepared(tx, rows)
  await appendEntries(
    tx,
    licences.map(({ identifier, departmentCode, dataDigest, replaces }) => ({
      identifier,
      event: 'prepare',
      state: 'prepared',
      sealedReason: null,
      effectiveAt: now,
      recordedAt: now,
      recordedBy: caller.id,
      departmentCode,
      dataDigest,
      sealedDigest: null,
      related: replaces,
    })),
  )
  await recordAudit(
    tx,
    caller,
    now,
    licences.map(({ identifier }) => ({ action: 'prepare', identifier })),
  )
  return licences
}

function toRow(deps: Deps, licence: PreparedLicence, { wrappedDataKey, pictureBlobs, valid }: Draft): PreparedRow {
  const { box, data, licenceJson, pictures: _pictures, ...row } = licence
  return {
    ...row,
    serial: parseIdentifier(licence.identifier).serial,
    version: valid.replaced?.version ?? 1,
    issuedOn: data.issuedOn,
    validFrom: data.validFrom,
    validUntil: data.validUntil,
    wrappedDataKey,
    sealedData: box.seal('data', licenceJson),
    pictureBlobs,
    holders: data.holders.map(({ code, name }) => ({
      codeMac: holderCodeMac(deps, code),
      nameMac: keyedHash(deps, 'holder-name', name),
    })),
    fieldMacs: fieldMacsOf(deps, deps.templates.entry(licence.typeCode), licence, data.fields),
  }
}

/**
 * A printed number for each draft as long as there are any, in one step per counter, and the drafts that are left without one; a next
 * version keeps the number of the licence it replaces.
 */
async function allotNumbers(
  database: Database,
  drafts: readonly Draft[],
): Promise<{ readonly numbered: NumberedDraft[]; readonly left: readonly Draft[] }> {
  const numbers: string[] = drafts.map(({ valid }) => valid.replaced?.number ?? '')
  const counters = Map.groupBy(
    drafts.map((draft, index) => ({ draft, index })).filter(({ index }) => numbers[index] === ''),
    ({ draft: { valid } }) =>
      JSON.stringify([
        valid.template.definition.typeCode,
        numberPeriod(valid.template.definition.number.restarts, valid.validated.issuedOn),
      ]),
  )
  for (const [counter, members] of [...counters].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [typeCode, period] = JSON.parse(counter) as [string, string]
    const departmentCode = members[0]!.draft.valid.issuer.code
    const last = lastSequence(members[0]!.draft.valid.template.definition)
    const { first, count } = await takeNumbers(database, { typeCode, departmentCode, period }, members.length, last)
    members.slice(0, count).forEach(({ draft: { valid }, index }, offset) => {
      numbers[index] = formatLicenceNumber(valid.template.definition, {
        areaCode: departmentCode.slice(2, 8),
        issuedOn: valid.validated.issuedOn,
        sequence: first + offset,
      })
    })
  }
  const all = drafts.map((draft, index) => ({ ...draft, number: numbers[index]! }))
  return { numbered: all.filter(({ number }) => number !== ''), left: all.filter(({ number }) => number === '') }
}

/** Places drawn uniformly from a list: 20 random bits each. */
export function drawPlaces(deps: Deps, count: number): number[] {
  const bytes = Buffer.from(deps.ids.bytes(count * 4))
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(index * 4) % LIST_SIZE)
}

function toPrepared(
  { valid, identifier, salt, box, sealedReason, sealedLegalBasis, number }: NumberedDraft,
  caller: Principal,
  preparedAt: Date,
  statusList: number,
  statusPlace: number,
): PreparedLicence & { key: string } {
  const { template, validated, body, issuer, replaced, request } = valid
  const { typeCode, templateVersion, name } = template.definition
  const data: LicenceData = {
    schema: 'zhengyin-licence-1',
    salt,
    identifier,
    typeCode,
    typeName: name.zh,
    templateVersion,
    number,
    issuer,
    holders: validated.holders,
    issuedOn: validated.issuedOn,
    validFrom: validated.validFrom,
    validUntil: validated.validUntil,
    fields: validated.fields,
    replaces: replaced?.row.identifier ?? null,
    ...(body && { body }),
  }
  const licenceJson = canonicalJson(data)
  return {
    key: request.key,
    identifier,
    typeCode,
    departmentCode: issuer.code,
    sealId: valid.sealId,
    coSeals: valid.coSeals,
    printedNumber: number,
    templateVersion,
    statusList,
    statusPlace,
    preparedAt,
    replaces: data.replaces,
    supersedesFrom: request.replaces?.effectiveAt ?? null,
    sealedReason,
    sealedLegalBasis,
    successorCause: replaced?.cause ?? null,
    orderId: request.replaces?.orderId ?? null,
    caller: { id: caller.id, kind: caller.kind, departmentCode: caller.departmentCode, roles: caller.roles },
    dataDigest: createHash('sha256').update(licenceJson).digest('hex'),
    box,
    licenceJson,
    data,
    pictures: validated.pictures,
    targetLevel: valid.targetLevel,
  }
}
