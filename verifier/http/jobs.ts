import { networkOf } from '../../platform/http/index.ts'
import { type Clock, type Ids, type Log, PlatformError } from '../../platform/index.ts'
import type { Caller } from './callers.ts'
import type { Checked, Checker, Item } from './check-item.ts'
import { VerifierError } from './errors.ts'

export interface JobLimits {
  /** How long results are kept once all are there, in milliseconds. */
  readonly keptMs: number
  /** Jobs under way or kept, of all callers. */
  readonly most: number
  /** Octets of documents that wait, of all jobs. */
  readonly heldBytes: number
  /** Characters of results that are kept, of all jobs. */
  readonly resultLength: number
  /** Items worked on at the same time, of all jobs: fewer than there are threads leave room for who waits at the door. */
  readonly lanes: number
}

export const JOB_LIMITS: JobLimits = {
  keptMs: 15 * 60_000,
  most: 500,
  heldBytes: 256 << 20,
  resultLength: 128 << 20,
  lanes: 2,
}

/** What an item may end with in place of a report. */
interface ItemProblem {
  readonly code: string
  readonly detail: string
}

interface Job {
  readonly id: string
  readonly caller: Caller
  readonly total: number
  readonly heldBytes: number
  /** Each is forgotten as soon as it is done. */
  readonly items: (Item | undefined)[]
  readonly results: string[]
  next: number
  done: number
  workMs: number
  resultLength: number
  expiresAt: Date | undefined
  timer: NodeJS.Timeout | undefined
  readonly ended: AbortController
}

/** A job as its owner may see it. `results`: JSON texts, in order, once all are there. */
export interface JobView {
  readonly id: string
  readonly state: 'running' | 'done'
  readonly total: number
  readonly done: number
  readonly expiresAt: Date | null
  readonly results: readonly string[] | null
}

export interface Jobs {
  /** Throws VERIFICATION_BUSY. */
  start(caller: Caller, items: readonly Item[]): JobView
  /** Throws VERIFICATION_NOT_FOUND: never there, not any more, of somebody else — one answer. */
  find(id: string, department: string | null): JobView
  /** Stops and forgets it. Throws as `find`. */
  forget(id: string, department: string | null): void
  /** Forgets all: nothing outlives the process. */
  close(): void
}

export interface JobsOptions {
  readonly check: Checker
  readonly clock: Clock
  readonly randomBytes: Ids['bytes']
  readonly limits: JobLimits
  readonly log?: Log
}

const RETRY_AFTER_SECONDS = 10
/** One report: many times what the most signatures of a real document give. */
const MOST_RESULT_LENGTH = 2 << 20

/** Verifications that are answered later, in memory alone: callers take turns, item by item, so that a large batch delays nobody. */
export function createJobs({ check, clock, randomBytes, limits, log }: JobsOptions): Jobs {
  const jobs = new Map<string, Job>()
  /** Jobs with items left, in the order of their turns. */
  const turns: Job[] = []
  let [working, heldBytes, resultLength] = [0, 0, 0]

  const release = (job: Job) => {
    if (!jobs.delete(job.id)) return
    if (job.expiresAt === undefined) heldBytes -= job.heldBytes
    resultLength -= job.resultLength
    clearTimeout(job.timer)
    job.ended.abort()
    const turn = turns.indexOf(job)
    if (turn >= 0) turns.splice(turn, 1)
  }
  const lengthOf = (caller: Caller): number => {
    let length = 0
    for (const job of jobs.values()) if (isOfSame(job.caller, caller)) length += job.resultLength
    return length
  }
  const finish = (job: Job) => {
    heldBytes -= job.heldBytes
    job.expiresAt = new Date(clock.now().getTime() + limits.keptMs)
    job.timer = setTimeout(() => release(job), limits.keptMs).unref()
  }
  const store = (job: Job, index: number, item: Item, result: string) => {
    const fits =
      result.length <= MOST_RESULT_LENGTH &&
      resultLength + result.length <= limits.resultLength &&
      lengthOf(job.caller) + result.length <= limits.resultLength / SHARES.ofLength
    const kept = fits ? result : tooCostly(index, item, 'the report is too long to be kept')
    job.results[index] = kept
    job.resultLength += kept.length
    resultLength += kept.length
  }
  const work = async (job: Job, index: number) => {
    const item = job.items[index]!
    job.items[index] = undefined
    const result = await resultOf(job, index, item)
    if (!jobs.has(job.id)) return
    store(job, index, item, result)
    if (++job.done === job.total) finish(job)
  }
  const resultOf = async (job: Job, index: number, item: Item): Promise<string> => {
    if (job.workMs > job.caller.limits.jobWorkMs)
      return tooCostly(index, item, 'the items before it took all the time of the batch')
    try {
      const checked = await check(item, job.caller, job.ended.signal)
      job.workMs += checked.ms
      return resultJson(index, item, checked)
    } catch (error) {
      if (isTooCostly(error)) job.workMs += TOO_COSTLY_MS
      const problem = problemOf(error)
      if (problem === undefined && jobs.has(job.id)) log?.error('an item of a batch could not be verified', { error })
      return problemJson(index, item, problem ?? DEFECT)
    }
  }
  const takeTurns = () => {
    while (working < limits.lanes && turns.length > 0) {
      const job = turns.shift()!
      const index = job.next++
      if (job.next < job.total) turns.push(job)
      working++
      void work(job, index).finally(() => {
        working--
        // Texts are checked without waiting for anything: whoever is at the door gets a turn between two of them.
        setImmediate(takeTurns)
      })
    }
  }
  const get = (id: string, department: string | null): Job => {
    const job = jobs.get(id)
    if (job?.expiresAt && clock.now() >= job.expiresAt) release(job)
    if (!job || !jobs.has(id) || (job.caller.department !== null && job.caller.department !== department))
      throw new VerifierError('VERIFICATION_NOT_FOUND', 'there is no such verification, or not any more')
    return job
  }
  const requireRoom = (caller: Caller, octets: number) => {
    const own = [...jobs.values()].filter((job) => isOfSame(job.caller, caller))
    const underWay = own.filter(({ expiresAt }) => expiresAt === undefined)
    // The oldest results of a caller make room for his new ones, never those of others. A map keeps the order of their beginning.
    const done = own.filter(({ expiresAt }) => expiresAt !== undefined)
    const tooMany = own.length + 1 - Math.max(1, limits.most / SHARES.ofJobs)
    const isFull =
      jobs.size - Math.max(0, Math.min(tooMany, done.length)) >= limits.most ||
      heldBytes + octets > limits.heldBytes ||
      resultLength >= limits.resultLength
    if (underWay.length < caller.limits.jobs && !isFull) {
      for (const job of done.slice(0, Math.max(0, tooMany))) release(job)
      return
    }
    const detail = isFull ? 'too many batches are under way' : `${underWay.length} of your batches are still under way`
    throw new VerifierError('VERIFICATION_BUSY', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  return {
    start(caller, items) {
      const octets = items.reduce((sum, item) => sum + (item.kind === 'document' ? item.bytes.length : 0), 0)
      requireRoom(caller, octets)
      heldBytes += octets
      const job: Job = {
        id: Buffer.from(randomBytes(32)).toString('base64url'),
        caller,
        total: items.length,
        heldBytes: octets,
        items: [...items],
        results: [],
        next: 0,
        done: 0,
        workMs: 0,
        resultLength: 0,
        expiresAt: undefined,
        timer: undefined,
        ended: new AbortController(),
      }
      jobs.set(job.id, job)
      turns.push(job)
      takeTurns()
      return viewOf(job)
    },
    find: (id, department) => viewOf(get(id, department)),
    forget: (id, department) => release(get(id, department)),
    close() {
      for (const job of [...jobs.values()]) release(job)
    },
  }
}

/** Addresses of one network are one caller. */
const isOfSame = (a: Caller, b: Caller): boolean => networkOf(a.key) === networkOf(b.key)

/** Of what is kept for all, as much as one caller may take: nobody shuts out the others. */
const SHARES = { ofJobs: 8, ofLength: 2 }

const viewOf = (job: Job): JobView => ({
  id: job.id,
  state: job.expiresAt === undefined ? 'running' : 'done',
  total: job.total,
  done: job.done,
  expiresAt: job.expiresAt ?? null,
  results: job.expiresAt === undefined ? null : job.results,
})

const nameOf = (item: Item) => (item.kind === 'document' ? { name: item.name } : {})

const resultJson = (index: number, item: Item, { answer }: Checked): string =>
  JSON.stringify({ index, ...nameOf(item), report: answer })

const problemJson = (index: number, item: Item, problem: ItemProblem): string =>
  JSON.stringify({ index, ...nameOf(item), problem })

const tooCostly = (index: number, item: Item, detail: string): string =>
  problemJson(index, item, { code: 'VERIFICATION_TOO_COSTLY', detail })

/** Refusals keep their code; undefined for what went wrong here. */
function problemOf(error: unknown): ItemProblem | undefined {
  const isRefusal = error instanceof VerifierError || (error instanceof PlatformError && error.code === 'RATE_LIMITED')
  return isRefusal ? { code: error.code, detail: error.message } : undefined
}

const DEFECT: ItemProblem = { code: 'INTERNAL_ERROR', detail: 'the item could not be verified; send it again' }

const isTooCostly = (error: unknown): boolean =>
  error instanceof VerifierError && error.code === 'VERIFICATION_TOO_COSTLY'
/** A document that was given up has taken all the time there is for one. */
const TOO_COSTLY_MS = 10_000
