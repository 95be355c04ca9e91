// Steps 4 to 9 of docs/issuance-cycle.md, for a licence just prepared and for one found prepared after a crash alike.
import { toStatementClaims } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import { coSealCentres } from '../domain/co-seal.ts'
import type { Level } from '../domain/level.ts'
import { LicenceError } from '../errors.ts'
import type { PageToRender } from '../ports/renderer.ts'
import { type ArchiveStamp, type LevelledDocument, sealerDelays, sealerRefusals } from '../ports/sealer.ts'
import { drawPages } from './bodies/dress-body.ts'
import type { Deps } from './deps.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import type { PreparedLicence } from './prepare-licences.ts'
import { registerLicences, rejectLicence } from './register-licences.ts'
import { verifyNew } from './verify-new.ts'

/** A licence whose page is drawn. */
export interface RenderedLicence {
  readonly licence: PreparedLicence
  readonly statementText: string
  readonly pdf: Uint8Array
  readonly unsignedDigest: string
  readonly sealCentre: { readonly page: number; readonly x: number; readonly y: number }
}

/** A licence as it came back from the seal service. */
export interface SealedLicence extends RenderedLicence {
  readonly sealedPdf: Uint8Array
  readonly archive: ArchiveStamp | null
}

/** A licence whose sealed document was found good. */
export interface VerifiedLicence extends SealedLicence {
  readonly sealedDigest: string
  /** As verified. */
  readonly level: Level
}

/**
 * Carries prepared licences through to the register, an outcome for each by identifier. A refusal ends a licence: it is recorded as
 * rejected, and its status place reads revoked. An outage leaves it prepared. Steps already done elsewhere repeat to the same bytes.
 */
export async function completeLicences(
  deps: Deps,
  prepared: readonly PreparedLicence[],
): Promise<Map<string, IssueOutcome>> {
  const outcomes = new Map<string, IssueOutcome>()
  for (const group of Map.groupBy(prepared, ({ caller }) => JSON.stringify(caller)).values())
    for (const [identifier, outcome] of await completeGroup(deps, group)) outcomes.set(identifier, outcome)
  return outcomes
}

async function completeGroup(deps: Deps, group: readonly PreparedLicence[]): Promise<Map<string, IssueOutcome>> {
  try {
    const statements = await signStatements(deps, group)
    const { rendered, misfits } = await render(deps, group, statements)
    const sealed = await seal(deps, rendered)
    const { verified, refused, undecided } = await verifyNew(deps, sealed)
    const outcomes = await registerLicences(deps, verified)
    for (const { licence, error } of [...misfits, ...refused])
      outcomes.set(licence.identifier, await rejectLicence(deps, licence, error))
    for (const { licence, error } of undecided) outcomes.set(licence.identifier, { ok: false, error })
    if (undecided.length > 0) interrupted(deps, undecided[0]!.error, undecided.length)
    return outcomes
  } catch (error) {
    if (isRefusal(error)) return group.length > 1 ? completeOneByOne(deps, group) : refuseOne(deps, group[0]!, error)
    // Part of a group may fit where all of it does not.
    if (hasCode(error, sealerDelays) && group.length > 1) return completeOneByOne(deps, group)
    interrupted(deps, error, group.length)
    return new Map(group.map(({ identifier }) => [identifier, { ok: false, error }]))
  }
}

function interrupted(deps: Deps, error: unknown, licences: number): void {
  deps.count('interrupted', licences)
  deps.log.warn('issuance interrupted; the licences stay prepared', { error, licences })
}

const refuseOne = async (deps: Deps, licence: PreparedLicence, error: Error) =>
  new Map([[licence.identifier, await rejectLicence(deps, licence, error)]])

/** What was refused of a group need not be all of it. Steps that were done answer again as they did. */
async function completeOneByOne(deps: Deps, group: readonly PreparedLicence[]): Promise<Map<string, IssueOutcome>> {
  const outcomes = new Map<string, IssueOutcome>()
  for (const licence of group)
    for (const [identifier, outcome] of await completeGroup(deps, [licence])) outcomes.set(identifier, outcome)
  return outcomes
}

function isRefusal(error: unknown): error is Error & { code: string } {
  return hasCode(error, sealerRefusals)
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && codes.some((code) => code === (error as Error & { code?: unknown }).code)
}

const callerOf = ({ caller }: PreparedLicence): Principal => ({ name: '', ...caller })

async function signStatements(deps: Deps, group: readonly PreparedLicence[]): Promise<Map<string, string>> {
  const requests = group.map(({ identifier, data, dataDigest, statusList, statusPlace, preparedAt }) => ({
    identifier,
    claims: toStatementClaims(data, {
      dataDigest: Buffer.from(dataDigest, 'hex'),
      statusList,
      statusPlace,
      issuedAt: preparedAt,
    }),
  }))
  const signed = await deps.sealer.signStatements(callerOf(group[0]!), requests)
  return new Map(signed.map(({ identifier, text }) => [identifier, text]))
}

type Failure = { readonly licence: PreparedLicence; readonly error: Error }

/** Pages that go to a press at once. */
const DRAWN_TOGETHER = 25

async function render(
  deps: Deps,
  group: readonly PreparedLicence[],
  statements: ReadonlyMap<string, string>,
): Promise<{ rendered: RenderedLicence[]; misfits: Failure[] }> {
  const misfits: Failure[] = []
  const hasTemplate = (licence: PreparedLicence) =>
    deps.templates.version(licence.typeCode, licence.templateVersion) !== undefined
  // Another process may have published the version a moment ago.
  if (!group.every(hasTemplate)) await deps.templates.refresh()
  const drawable = group.filter((licence) => {
    if (hasTemplate(licence)) return true
    const message = 'the version of the template this licence was prepared for is gone'
    misfits.push({ licence, error: new LicenceError('LICENCE_TYPE_UNKNOWN', message) })
    return false
  })
  const parts: PreparedLicence[][] = []
  for (let at = 0; at < drawable.length; at += DRAWN_TOGETHER) parts.push(drawable.slice(at, at + DRAWN_TOGETHER))
  const pages = await Promise.all(
    parts.map((part) =>
      drawPages(
        deps,
        part.map((licence) => toPage(licence, statements.get(licence.identifier)!)),
      ),
    ),
  )
  const rendered: RenderedLicence[] = []
  for (const [index, page] of pages.flat().entries()) {
    const licence = drawable[index]!
    if (page.ok) rendered.push({ licence, statementText: statements.get(licence.identifier)!, ...page })
    else misfits.push({ licence, error: page.error })
  }
  return { rendered, misfits }
}

const toPage = (licence: PreparedLicence, statementText: string): PageToRender => ({
  typeCode: licence.typeCode,
  data: licence.data,
  licenceJson: licence.licenceJson,
  dataDigest: Buffer.from(licence.dataDigest, 'hex'),
  statementText,
  pictures: licence.pictures,
  createdAt: licence.preparedAt,
})

async function seal(deps: Deps, rendered: readonly RenderedLicence[]): Promise<SealedLicence[]> {
  if (rendered.length === 0) return []
  const requests = rendered.map(({ licence, unsignedDigest, pdf, sealCentre }) => ({
    identifier: licence.identifier,
    typeCode: licence.typeCode,
    sealId: licence.sealId,
    unsignedDigest,
    pdf,
    place: sealCentre,
    isUploaded: licence.data.body !== undefined,
    coSeals: coSealCentres(sealCentre, licence.coSeals),
    level: licence.targetLevel,
  }))
  const sealed = await deps.sealer.sealDocuments(callerOf(rendered[0]!.licence), requests)
  tellShortfall(deps, sealed)
  const documents = new Map(sealed.map((one) => [one.identifier, one]))
  return rendered.map((one) => {
    const { pdf, archive } = documents.get(one.licence.identifier)!
    return { ...one, sealedPdf: pdf, archive }
  })
}

/** A lower level than the one asked for is no reason to refuse a licence, but for the operator to know. */
export function tellShortfall(deps: Deps, documents: readonly LevelledDocument[]): void {
  const short = documents.filter(({ shortfall }) => shortfall !== null)
  if (short.length === 0) return
  deps.count('below-level', short.length)
  const [{ shortfall, level }] = short as [LevelledDocument, ...LevelledDocument[]]
  deps.log.warn('seals are below the level asked for; they are raised later', {
    error: shortfall,
    level,
    licences: short.length,
  })
}
