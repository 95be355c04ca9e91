import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Metrics, RouteSet } from '../platform/http/index.ts'
import { createGuardedAsk, type GuardedAsk, migrate, type Principal, packageRoot } from '../platform/index.ts'
import { type FontSet, renderLicence, TemplateError } from '../templates/index.ts'
import { createPolicySource, verifyDocument } from '../verifier/index.ts'
import { createLicenceRoutes } from './http/routes.ts'
import { type Approvals, createApprovals } from './operations/approvals/approvals.ts'
import { assignTypes, type NewAssignment } from './operations/assign-types.ts'
import { type ChangedStatus, changeStatus, type StatusChange } from './operations/change-status.ts'
import { type Copies, createCopies } from './operations/copies/copies.ts'
import type { Deps } from './operations/deps.ts'
import { createSharedRegister, type SharedRegister } from './operations/feed/shared-register.ts'
import { foldHolders } from './operations/fold-holders.ts'
import { type InFlight, type IssueRequest, issueLicences } from './operations/issue-licences.ts'
import type { IssueOutcome } from './operations/issue-outcome.ts'
import { carryOutDue } from './operations/life/carry-out.ts'
import { archiveEnded } from './operations/life/record-archive.ts'
import { workResealsOff } from './operations/life/reseal.ts'
import { takeOverTypes } from './operations/life/take-over-types.ts'
import type { CreatePart, Job, Within } from './operations/part.ts'
import { publishStatusLists, readStatusList, readStatusLists } from './operations/publish-status-lists.ts'
import { publishTrustList, readTrustList } from './operations/publish-trust-list.ts'
import { type RaiseOutcome, raiseToTarget, renewArchives } from './operations/raise-documents.ts'
import { readDocument } from './operations/read-licence.ts'
import { type PublicStatus, readStatus, readStatusByDigest } from './operations/read-status.ts'
import { resumeIssuance } from './operations/resume-issuance.ts'
import { sweepDocuments } from './operations/sweep-documents.ts'
import { checkGoldens } from './operations/templates/golden.ts'
import { createTemplates } from './operations/templates/templates.ts'
import { createApprovalsPart } from './parts/approvals.ts'
import { createBatchesPart } from './parts/batches.ts'
import { createBodiesPart } from './parts/bodies.ts'
import { createCataloguePart } from './parts/catalogue.ts'
import { createCopiesPart } from './parts/copies.ts'
import { createFeedPart } from './parts/feed.ts'
import { createIntakePart } from './parts/intake.ts'
import { createLifePart } from './parts/life.ts'
import { createPeoplePart } from './parts/people.ts'
import { createTemplatesPart } from './parts/templates.ts'
import type { ForeignJudge, Judge } from './ports/judge.ts'
import type { RenderedPage, Renderer } from './ports/renderer.ts'
import { makeRoom } from './store/register.ts'
import type { TemplateCheck } from './store/template-goldens.ts'

export interface LicenceServiceOptions
  extends Omit<
    Deps,
    | 'templates'
    | 'count'
    | 'showGoldens'
    | 'showTrustList'
    | 'policy'
    | 'judge'
    | 'judgeForeign'
    | 'render'
    | 'askOutside'
  > {
  /** How files of other systems are fetched; left out: from the open network alone. */
  readonly askOutside?: GuardedAsk
  /** Where new documents are judged; in this thread when left out. */
  readonly judge?: Judge
  /** Where documents of others are judged; as new ones, one by one and without limits, when left out. */
  readonly judgeForeign?: ForeignJudge
  /** Where pages are drawn; in this thread when left out. */
  readonly render?: Renderer
  readonly fonts: FontSet
  readonly metrics?: Metrics
}

export interface LicenceService {
  /**
   * Migrates the schema, publishes both lists, resumes what was left prepared, and from then on does so on a timer. A list that cannot be
   * signed keeps it from nothing.
   */
  start(): Promise<void>
  /** Lets departments issue types; repeats change nothing. */
  assignTypes(
    caller: Pick<Principal, 'id' | 'kind' | 'departmentCode'>,
    assignments: readonly NewAssignment[],
  ): Promise<void>
  /** An outcome for each request, in order. See `operations/issue-licences.ts`. */
  issueLicences(caller: Principal, requests: readonly IssueRequest[]): Promise<IssueOutcome[]>
  suspend(caller: Principal, change: StatusChange): Promise<ChangedStatus>
  restore(caller: Principal, change: StatusChange): Promise<ChangedStatus>
  revoke(caller: Principal, change: StatusChange): Promise<ChangedStatus>
  /** Issues a new version of a licence and supersedes the old one in one transaction. */
  replace(caller: Principal, request: Required<Pick<IssueRequest, 'replaces'>> & IssueRequest): Promise<IssueOutcome>
  /** Public: status now or as of an instant. */
  readStatus(identifier: string, asOf?: Date): Promise<PublicStatus>
  /** Public: status now of the licence whose sealed document has this digest; undefined where there is none. */
  readStatusByDigest(sealedDigest: string): Promise<PublicStatus | undefined>
  /** Approval results that end in a licence. */
  readonly approvals: Approvals
  /** Copies for one purpose (加注件). */
  readonly copies: Copies
  /** The sealed PDF, for the caller's own department. */
  readDocument(caller: Principal, identifier: string): Promise<Uint8Array>
  /** Completes what a crash or an outage left prepared; all of it, or what was prepared before an instant. */
  resumeIssuance(preparedBefore?: Date): Promise<{ completed: number; left: number }>
  /** Raises what was sealed below the level it was to reach. Runs on a timer too. */
  raiseToTarget(): Promise<RaiseOutcome>
  /** Gives another archive time stamp to every document whose last one ends within a year. Runs on a timer too. */
  renewArchives(): Promise<RaiseOutcome>
  /** Removes what a crash left among the documents a day ago and longer; answers how many. Runs on a timer too. */
  sweepDocuments(): Promise<number>
  /** Carries out the orders whose time has come; answers how many there were. Runs on a timer too. */
  carryOutOrders(): Promise<number>
  /** A round of sealing anew what the seal service ordered; answers how many licences got successors. Runs on a timer too. */
  workResealsOff(): Promise<number>
  /** Gives what closed departments issued to those they were merged into; answers how many types went over. Runs on a timer too. */
  takeOverTypes(): Promise<number>
  /** Archives what ended as long ago as its type says; answers how many. Runs on a timer too. */
  archiveEnded(): Promise<number>
  /** Hashes codes of holders anew that were hashed as they were written; answers of how many licences. Runs on a timer too. */
  hashHoldersAnew(): Promise<number>
  /** Signs the lists that changed or grow old; throws what kept the trust list back once the status lists are signed. */
  publishLists(): Promise<void>
  /** Draws what was approved of every template in force again and says whether it is the same. Runs on a timer too. */
  checkTemplates(): Promise<TemplateCheck[]>
  trustList(): Promise<string>
  statusList(id: number): Promise<string>
  /** Every signed status list by its address. */
  statusLists(): Promise<ReadonlyMap<string, string>>
  /** What the sharing service asks of the register. */
  readonly shared: SharedRegister
  /** `/api/catalogue`, `/api/licences`, `/api/holder-links`, `/status-lists`, `/trust-list`. */
  readonly routes: RouteSet
  /** Stops the timers and waits for what is under way. */
  close(): Promise<void>
}

/** What the service is joined from; each part has its own file. */
const PARTS: readonly CreatePart[] = [
  createLifePart,
  createCataloguePart,
  createTemplatesPart,
  createBatchesPart,
  createCopiesPart,
  createApprovalsPart,
  createFeedPart,
  createPeoplePart,
  createIntakePart,
  createBodiesPart,
]

/** How often changed lists are signed: at most this long after a change, well below the five minutes promised. */
const PUBLISH_EVERY_MS = 3_000
/** How soon another process's publication is followed. */
const FOLLOW_EVERY_MS = 1_000
const RESUME_EVERY_MS = 60_000
const RAISE_EVERY_MS = 60_000
const RENEW_EVERY_MS = 24 * 3_600_000
const SWEEP_EVERY_MS = 6 * 3_600_000
const MAKE_ROOM_EVERY_MS = 600_000

/** Builds the service; nothing happens before `start`. */
export function createLicenceService(options: LicenceServiceOptions): LicenceService {
  const templates = createTemplates(options)
  const render = options.render ?? renderHere
  const judge = options.judge ?? judgeHere
  const deps: Deps = {
    ...options,
    templates,
    render: (pages) => render(pages, templates),
    count: counterOf(options.metrics),
    showGoldens: goldenGauge(options.metrics),
    showTrustList: trustListGauge(options.metrics),
    // Without the status: the register does not know a new licence yet.
    policy: createPolicySource(() => options.trust.anchors(), { status: 'skipped' }),
    judge,
    judgeForeign: options.judgeForeign ?? (async (one, ...by) => (await judge([one], ...by))[0]!),
    askOutside: options.askOutside ?? createGuardedAsk(),
  }
  const inFlight: InFlight = new Map()
  const underWay = new Set<Promise<unknown>>()
  const timers: NodeJS.Timeout[] = []
  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const forget = () => void underWay.delete(work)
    work.then(forget, forget)
    return work
  }
  const tellFailure = (what: string, error: unknown) => deps.log.error(`${what} failed; it is tried again`, { error })
  const publishLists = async () => {
    // A revocation must reach its status list also where the trust list cannot be signed: what failed is told once both were tried.
    const [trustList] = await Promise.allSettled([publishTrustList(deps)])
    const [statusLists] = await Promise.allSettled([publishStatusLists(deps)])
    if (trustList.status === 'rejected' && statusLists.status === 'rejected')
      tellFailure('publishing the status lists', statusLists.reason)
    for (const done of [trustList, statusLists]) if (done.status === 'rejected') throw done.reason
  }
  const resume = (preparedBefore = deps.clock.now()) => track(resumeIssuance(deps, preparedBefore))
  let awaited = 0
  const issueInBatch = (caller: Principal, requests: readonly IssueRequest[]) =>
    track(issueLicences(deps, inFlight, caller, requests))
  const issue = (caller: Principal, requests: readonly IssueRequest[]) => {
    awaited++
    return issueInBatch(caller, requests).finally(() => awaited--)
  }
  const every = (intervalMs: number, what: string, work: () => Promise<unknown>) => {
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      track(work())
        .catch((error: unknown) => tellFailure(what, error))
        .finally(() => (busy = false))
    }, intervalMs)
    timers.push(timer.unref())
  }
  const within: Within = { issue, issueInBatch, isBusy: () => awaited > 0 }
  const parts = PARTS.map((create) => create(deps, within))
  const stopping = new AbortController()
  const repeat = ({ what, everyMs, work }: Job) => every(everyMs, what, () => work(stopping.signal))
  const service: Omit<LicenceService, 'routes'> = {
    async start() {
      await migrate(deps.database, { schema: 'licence', folder: join(packageRoot, 'licence-service/store/migrations') })
      await makeRoom(deps.database)
      await templates.start()
      for (const part of parts) await part.start?.()
      const jobs = parts.flatMap(({ jobs = [] }) => jobs)
      if (deps.batchWork?.isWorker) return jobs.filter(({ inWorkers }) => inWorkers).forEach(repeat)
      // What stands in the way of a list is often mended by a call to the running service, which the timer follows.
      await publishLists().catch((error: unknown) => tellFailure('publishing the lists', error))
      await resume()
      jobs.forEach(repeat)
      every(FOLLOW_EVERY_MS, 'following the catalogue', () => templates.refresh())
      every(PUBLISH_EVERY_MS, 'publishing the lists', publishLists)
      every(RAISE_EVERY_MS, 'raising documents', () => raiseToTarget(deps))
      every(RENEW_EVERY_MS, 'renewing archive time stamps', () => renewArchives(deps))
      every(SWEEP_EVERY_MS, 'sweeping documents', () => sweepDocuments(deps))
      every(MAKE_ROOM_EVERY_MS, 'making room in the register', () => makeRoom(deps.database))
      every(RESUME_EVERY_MS, 'resuming issuance', () => resume(new Date(deps.clock.now().getTime() - RESUME_EVERY_MS)))
    },
    assignTypes: async (caller, assignments) => {
      await assignTypes(deps, caller, assignments)
      await publishTrustList(deps)
    },
    issueLicences: issue,
    suspend: (caller, change) => changeStatus(deps, caller, 'suspend', change),
    restore: (caller, change) => changeStatus(deps, caller, 'restore', change),
    revoke: (caller, change) => changeStatus(deps, caller, 'revoke', change),
    replace: async (caller, request) => (await issue(caller, [request]))[0]!,
    readStatus: (identifier, asOf) => readStatus(deps, identifier, asOf),
    readStatusByDigest: (sealedDigest) => readStatusByDigest(deps, sealedDigest),
    approvals: createApprovals(deps, within),
    copies: createCopies(deps),
    readDocument: (caller, identifier) => readDocument(deps, caller, identifier),
    resumeIssuance: resume,
    raiseToTarget: () => track(raiseToTarget(deps)),
    renewArchives: () => track(renewArchives(deps)),
    sweepDocuments: () => sweepDocuments(deps),
    carryOutOrders: () => track(carryOutDue(deps, within, stopping.signal)),
    workResealsOff: () => track(workResealsOff(deps, within, stopping.signal)),
    takeOverTypes: () => track(takeOverTypes(deps)),
    archiveEnded: () => track(archiveEnded(deps, stopping.signal)),
    hashHoldersAnew: () => track(foldHolders(deps, stopping.signal)),
    publishLists,
    checkTemplates: () => track(checkGoldens(deps)),
    trustList: () => readTrustList(deps),
    statusList: (id) => readStatusList(deps, id),
    statusLists: () => readStatusLists(deps),
    shared: createSharedRegister(deps),
    async close() {
      stopping.abort()
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled(underWay)
      for (const part of parts) await part.stop?.()
    },
  }
  const ofParts = parts.flatMap(({ routes }) => routes)
  return { ...service, routes: createLicenceRoutes(deps, issue, ofParts) }
}

/** Other work gets its turn every few pages. */
const renderHere: Renderer = async (pages, templates) => {
  const rendered: RenderedPage[] = []
  for (const { typeCode, ...input } of pages) {
    try {
      const { compiled } = templates.version(typeCode, input.data.templateVersion)!
      const { pdf, sealCentre } = renderLicence(compiled, input)
      rendered.push({ ok: true, pdf, sealCentre, unsignedDigest: createHash('sha256').update(pdf).digest('hex') })
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      rendered.push({ ok: false, error })
    }
    if (rendered.length % 8 === 0) await setImmediate()
  }
  return rendered
}

const judgeHere: Judge = (documents, evidence, policy, at) =>
  Promise.all(documents.map((document) => verifyDocument(document, evidence, policy, at)))

function counterOf(metrics: Metrics | undefined): Deps['count'] {
  const counter = metrics?.counter('licences_total', 'Licences by what became of their issuance', ['outcome'])
  return (outcome, licences) => counter?.inc({ outcome }, licences)
}

const GOLDEN_STATES = ['none', 'unchecked', 'same', 'differs', 'failed'] as const

function goldenGauge(metrics: Metrics | undefined): NonNullable<Deps['showGoldens']> {
  const gauge = metrics?.gauge('templates_golden', 'Templates in force by how they stand to what was approved', [
    'state',
  ])
  return (counts) => {
    for (const state of GOLDEN_STATES) gauge?.set(counts.find((one) => one.state === state)?.versions ?? 0, { state })
  }
}

function trustListGauge(metrics: Metrics | undefined): NonNullable<Deps['showTrustList']> {
  const gauge = metrics?.gauge(
    'trust_list_filled',
    'Length of the trust list in force as a share of what its readers take',
  )
  return (share) => gauge?.set(share)
}
