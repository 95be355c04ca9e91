// A licence that another system made: its document is verified, then it is on the register as collected, with its source and the age of
// what is known of its state. Nothing here seals: the document stays byte for byte as it came.
import { createHash } from 'node:crypto'
import { canonicalJson, dayOf, LICENCE_SCHEMA, type LicenceData, startOfDay } from '../../../licence-format/index.ts'
import { isSqlError, type Principal, type Queryable, UNIQUE_VIOLATION } from '../../../platform/index.ts'
import { eventBetween, type Origin, originOf, type ReportedState } from '../../domain/collected.ts'
import { type Level, reachedLevel } from '../../domain/level.ts'
import { effectiveTimeOf } from '../../domain/register-entry.ts'
import { type DepartmentStatus, departmentStatus } from '../../domain/validity.ts'
import { LicenceError } from '../../errors.ts'
import type { Judgement } from '../../ports/judge.ts'
import { findKeys, takeKeys } from '../../store/idempotency.ts'
import type { IntakeSource } from '../../store/intake-sources.ts'
import { findLicence, insertPrepared, markCollected } from '../../store/licences.ts'
import { appendEntries, type NewRegisterEntry, recordAudit } from '../../store/register.ts'
import { takePlaces, takeRoom } from '../../store/status-lists.ts'
import type { Deps } from '../deps.ts'
import { holderCodeMac } from '../holder-key.ts'
import { actedFor } from '../life/life-facts.ts'
import { drawPlaces } from '../prepare-licences.ts'
import { type ContentBox, createBox, keyedHash } from '../sealed-content.ts'
import { fieldMacsOf } from '../searched-fields.ts'
import { judgeForeign } from '../verify-new.ts'
import { fetchFile } from './fetch-file.ts'
import { type CollectedFacts, type Metadata, readMetadata } from './read-metadata.ts'
import { checkReportTime } from './report-status.ts'
import { sourceSpokenFor } from './sources.ts'

export interface Collection {
  readonly source: string
  readonly metadata: Metadata
  /** The PDF itself, or the address in the source's index where it lies. */
  readonly document: { readonly pdf: Uint8Array } | { readonly indexUrl: string }
  /** What the source knows of the state, from when it holds, and up to when it knows. */
  readonly status: { readonly state: ReportedState; readonly effectiveAt?: Date | undefined; readonly asOf: Date }
  /** Idempotency key, within the caller's department. */
  readonly key: string
}

export interface CollectedLicence extends Origin {
  readonly identifier: string
  readonly number: string
  readonly status: DepartmentStatus
  readonly sealedDigest: string
}

/**
 * Takes a licence in. Repeated with the same key it is answered as the first time.
 * @throws LicenceError INTAKE_SOURCE_REFUSED, LICENCE_DATA_INVALID with every fault of the metadata, LICENCE_TYPE_NOT_ASSIGNED,
 *   INTAKE_ALREADY_THERE, INTAKE_TIME_REFUSED, INTAKE_ADDRESS_REFUSED, INTAKE_FILE_UNREACHABLE, INTAKE_DOCUMENT_REFUSED,
 *   INTAKE_DOCUMENT_DIFFERS, LICENCE_EFFECTIVE_TIME_REFUSED, IDEMPOTENCY_KEY_REUSED
 */
export async function collectLicence(deps: Deps, caller: Principal, collection: Collection): Promise<CollectedLicence> {
  const departments = await actedFor(deps, caller)
  const source = await sourceSpokenFor(deps.database, caller, departments, collection.source)
  const requestMac = macOf(deps, collection)
  const [known] = await findKeys(deps.database, caller.departmentCode, [collection.key])
  if (known) return answerOnRecord(deps, known.requestMac, requestMac, known.identifier)
  const facts = factsOf(deps, source, departments, collection)
  checkReportTime(deps, collection.status)
  if (await findLicence(deps.database, facts.identifier)) throw alreadyThere()
  const { document } = collection
  const pdf = 'pdf' in document ? document.pdf : await fetchFile(deps, source, document.indexUrl)
  const { sealedDigest, level } = await verifyCollected(deps, facts.identifier, pdf)
  const { box, wrapped } = createBox(deps, facts.identifier)
  const [documentBlob] = await deps.blobs.putMany([box.seal('document', pdf)])
  const list = await takeRoom(deps.database, 1)
  try {
    await deps.database.transaction(async (tx) => {
      const key = { key: collection.key, requestMac, identifier: facts.identifier, answer: { collected: true } }
      const taken = await takeKeys(tx, caller.departmentCode, deps.clock.now(), [key])
      if (taken.length === 0) throw alreadyThere()
      const kept = { documentBlob: documentBlob!, sealedDigest, level, box, wrapped, list }
      await record(deps, tx, caller, { collection, facts, kept })
    })
  } catch (error) {
    if (!isSqlError(error, UNIQUE_VIOLATION)) throw error
    throw alreadyThere(error)
  }
  return answerOf(deps, facts.identifier)
}

const alreadyThere = (cause?: unknown) =>
  new LicenceError('INTAKE_ALREADY_THERE', 'a licence with this identifier is on the register, or on its way', {
    ...(cause !== undefined && { cause }),
  })

function factsOf(
  deps: Deps,
  source: IntakeSource,
  departments: ReadonlySet<string>,
  { metadata }: Collection,
): CollectedFacts {
  const typeCode = typeof metadata['ZZLXDM'] === 'string' ? metadata['ZZLXDM'].trim() : ''
  if (typeCode !== '' && !source.typeCodes.includes(typeCode))
    throw new LicenceError('LICENCE_TYPE_NOT_ASSIGNED', 'the source was not let in with licences of this type')
  const fields = deps.templates.current(typeCode)?.definition.fields ?? []
  const read = readMetadata(metadata, fields, dayOf(deps.clock.now()))
  if (!read.ok) {
    const { faults } = read
    throw new LicenceError('LICENCE_DATA_INVALID', `${faults.length} fault(s) in the metadata`, { faults })
  }
  if (!departments.has(read.facts.issuer.code))
    throw new LicenceError(
      'INTAKE_SOURCE_REFUSED',
      'a department takes in what it issued itself, or who was merged into it',
    )
  return read.facts
}

/**
 * Whether the document stands up to the check of a stranger, by what the house trusts, and is of this licence where it says of which.
 * @throws LicenceError INTAKE_DOCUMENT_REFUSED, INTAKE_DOCUMENT_DIFFERS
 */
async function verifyCollected(
  deps: Deps,
  identifier: string,
  pdf: Uint8Array,
): Promise<{ sealedDigest: string; level: Level }> {
  const report = await judgeForeign(deps, identifier, pdf)
  if (report === 'too-costly')
    throw new LicenceError('INTAKE_DOCUMENT_REFUSED', 'to verify the document takes more time or memory than it may')
  const { verdict, licence, signatures } = report
  const seal = signatures.findLast(({ type }) => type === 'signature')
  if (verdict !== 'accepted' || !seal?.signedDigest) throw documentRefused(report)
  if (licence && licence.identifier !== identifier)
    throw new LicenceError('INTAKE_DOCUMENT_DIFFERS', 'the document carries the data of another licence')
  return { sealedDigest: seal.signedDigest, level: reachedLevel(signatures) }
}

function documentRefused({ verdict, findings, reason }: Judgement): LicenceError {
  const codes = findings
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
    .map(({ code }) => code)
  return new LicenceError('INTAKE_DOCUMENT_REFUSED', `the document was ${verdict}: ${codes.join(', ') || reason}`)
}

interface Kept {
  readonly documentBlob: string
  readonly sealedDigest: string
  readonly level: Level
  readonly box: ContentBox
  readonly wrapped: Uint8Array
  /** The status list that has room for it. */
  readonly list: number
}

async function record(
  deps: Deps,
  tx: Queryable,
  caller: Principal,
  { collection, facts, kept }: { collection: Collection; facts: CollectedFacts; kept: Kept },
): Promise<void> {
  const now = deps.clock.now()
  const data = toData(deps, facts)
  const licenceJson = canonicalJson(data)
  const { identifier, typeCode, serial, version, issuer, holders, issuedOn, validFrom, validUntil } = facts
  const dataDigest = createHash('sha256').update(licenceJson).digest('hex')
  const { list } = kept
  const [statusPlace] = await takePlaces(tx, list, [facts], (count) => drawPlaces(deps, count))
  await insertPrepared(tx, [
    {
      ...{ identifier, typeCode, serial, version, issuedOn, validFrom, validUntil, dataDigest },
      departmentCode: issuer.code,
      templateVersion: data.templateVersion,
      printedNumber: facts.number,
      // No seal of this house is on it, and its document is never raised: the level it has is the one it is to have.
      ...{ sealId: '', coSeals: [], targetLevel: kept.level },
      ...{ statusList: list, statusPlace: statusPlace!, preparedAt: now, pictureBlobs: [] },
      ...{ replaces: null, supersedesFrom: null, sealedReason: null, successorCause: null },
      ...{ sealedLegalBasis: null, orderId: null },
      caller: { id: caller.id, kind: caller.kind, departmentCode: caller.departmentCode, roles: caller.roles },
      wrappedDataKey: kept.wrapped,
      sealedData: kept.box.seal('data', licenceJson),
      holders: holders.map(({ code, name }) => ({
        codeMac: holderCodeMac(deps, code),
        nameMac: keyedHash(deps, 'holder-name', name),
      })),
      fieldMacs: fieldMacsOf(
        deps,
        deps.templates.entry(typeCode),
        { departmentCode: issuer.code, typeCode },
        data.fields,
      ),
    },
  ])
  const { documentBlob, sealedDigest, level } = kept
  const { state, asOf } = collection.status
  const from = { source: collection.source, reportedAt: asOf }
  await markCollected(tx, { identifier, documentBlob, sealedDigest, level, state, ...from })
  const entries = entriesFor(collection, facts, { dataDigest, sealedDigest, recordedAt: now, recordedBy: caller.id })
  await appendEntries(tx, entries)
  await recordAudit(tx, caller, now, [{ action: 'collect', identifier, detail: collection.source }])
}

type EntryFacts = Pick<NewRegisterEntry, 'dataDigest' | 'sealedDigest' | 'recordedAt' | 'recordedBy'>

/** In force from the day of its issue, and then what the source reports of it. */
function entriesFor({ status }: Collection, facts: CollectedFacts, of: EntryFacts): NewRegisterEntry[] {
  const { identifier, issuer, issuedOn } = facts
  const common = { ...of, identifier, departmentCode: issuer.code, sealedReason: null, related: null }
  const issuedAt = startOfDay(issuedOn)
  const collected = { ...common, event: 'collect', state: 'in force', effectiveAt: issuedAt } as const
  if (status.state === 'in force') return [collected]
  const effectiveAt = effectiveTimeOf(status.effectiveAt ?? status.asOf, issuedAt, of.recordedAt)
  return [collected, { ...common, event: eventBetween('in force', status.state), state: status.state, effectiveAt }]
}

const toData = (deps: Deps, facts: CollectedFacts): LicenceData => ({
  schema: LICENCE_SCHEMA,
  salt: Buffer.from(deps.ids.bytes(16)).toString('base64url'),
  identifier: facts.identifier,
  typeCode: facts.typeCode,
  typeName: facts.typeName,
  templateVersion: deps.templates.current(facts.typeCode)?.definition.templateVersion ?? 1,
  number: facts.number,
  issuer: facts.issuer,
  holders: facts.holders,
  issuedOn: facts.issuedOn,
  validFrom: facts.validFrom,
  validUntil: facts.validUntil,
  fields: facts.fields,
  replaces: null,
})

function macOf(deps: Deps, { source, metadata, document, status }: Collection): Uint8Array {
  const of = 'pdf' in document ? createHash('sha256').update(document.pdf).digest('hex') : document.indexUrl
  const { state, effectiveAt, asOf } = status
  const told = { state, effectiveAt: effectiveAt?.toISOString() ?? null, asOf: asOf.toISOString() }
  return keyedHash(deps, 'collect', canonicalJson({ source, metadata, document: of, status: told }))
}

function answerOnRecord(
  deps: Deps,
  kept: Uint8Array,
  asked: Uint8Array,
  identifier: string,
): Promise<CollectedLicence> {
  if (Buffer.from(kept).equals(asked)) return answerOf(deps, identifier)
  throw new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request')
}

async function answerOf(deps: Deps, identifier: string): Promise<CollectedLicence> {
  const row = (await findLicence(deps.database, identifier))!
  const status = departmentStatus(row.state, row, deps.clock.now())
  return { identifier, number: row.printedNumber, status, sealedDigest: row.sealedDigest!, ...originOf(row) }
}
