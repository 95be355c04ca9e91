import { reactive } from 'vue'
import { callApi, uploadFile } from '../kit/api.ts'
import type { LiveAnswer, VerificationReport } from '../kit/api-types.ts'
import { say } from '../kit/language.ts'
import { ApiProblem, type Problem } from '../kit/problem.ts'
import { askRegister, asksRegister, isWorthAsking } from './ask-register.ts'
import { Cancelled, cancelTasks, canVerifyHere, perform } from './offline/check-client.ts'
import type { Phase } from './offline/messages.ts'
import type { AskedBeside } from './questions.ts'
import { words } from './words.ts'

/** One thing to check, from being dropped to its report. */
export interface CheckItem {
  readonly id: number
  readonly source: 'file' | 'qr' | 'link'
  readonly name: string
  readonly size?: number
  /** `elsewhere`: this browser cannot verify; the server may be asked to, by who wants that. */
  stage: 'waiting' | Phase | 'asking' | 'uploading' | 'done' | 'failed' | 'cancelled' | 'elsewhere'
  /** Part of the file sent, 0 to 1; only where the server was asked to verify it. */
  sent: number
  /** The register was asked too. */
  asked: boolean
  askFault?: Problem
  report?: VerificationReport
  problem?: Problem
}

/** What an item is called: a file by its name, a QR by where it came from. */
export const nameOf = (item: CheckItem): string =>
  item.source === 'file' ? item.name : say(item.source === 'link' ? words.fromLink : words.fromQr)

/** What the server refused, else what this device could not do. */
const problemOf = (error: unknown): Problem =>
  error instanceof ApiProblem ? error.problem : { status: 0, code: 'DEVICE_CHECK_FAILED' }

/** Without a network, or where another city keeps the licence (404), the lists alone decide; that the register would not answer is told. */
const isRefusal = ({ status }: Problem): boolean => status !== 0 && status !== 404

export type CheckQueue = ReturnType<typeof createCheckQueue>

export type Work = ({ readonly file: Blob } | { readonly statement: string }) & { readonly question: AskedBeside }

/** On this device; with `live`, the register's answer counts beside the lists. */
function judge(item: CheckItem, work: Work, live: LiveAnswer | null): Promise<VerificationReport> {
  const tell = (phase: Phase) => {
    item.stage = phase
  }
  const { question } = work
  return 'file' in work
    ? perform({ kind: 'document', file: work.file, name: item.name, live, question }, tell)
    : perform({ kind: 'statement', text: work.statement, live, question }, tell)
}

/** By the lists in hand, then once more with the register's answer, where a person allows that and the register can be reached. */
async function verifyHere(item: CheckItem, work: Work): Promise<VerificationReport> {
  const report = await judge(item, work, null)
  if (!asksRegister.value || !navigator.onLine || !isWorthAsking(report)) return report
  item.stage = 'asking'
  const live = await askRegister(report.licence!).catch((error: unknown) => {
    const problem = problemOf(error)
    if (isRefusal(problem)) item.askFault = problem
    return null
  })
  // Stopped while the register was thinking.
  if (live === null || item.stage !== 'asking') return report
  const asked = await judge(item, work, live)
  item.asked = true
  return asked
}

/** By the server, to which the whole file goes: only where a person said so. */
function verifyThere(item: CheckItem, work: Work): Promise<VerificationReport> {
  const path = '/api/verifications'
  const { inForceAt, scannedStatement } = work.question
  if ('statement' in work)
    return callApi(path, { method: 'POST', body: { statement: work.statement, ...(inForceAt && { inForceAt }) } })
  item.stage = 'uploading'
  let body: Blob | FormData = new Blob([work.file], { type: 'application/pdf' })
  if (inForceAt || scannedStatement) {
    const form = new FormData()
    form.append('file', body, item.name)
    if (inForceAt) form.append('inForceAt', inForceAt.toISOString())
    if (scannedStatement) form.append('scannedStatement', scannedStatement)
    body = form
  }
  return uploadFile(path, body, (part) => {
    item.sent = part
    if (part >= 1) item.stage = 'checking'
  })
}

/** Files and statements checked one after another, newest first in `items`. */
export function createCheckQueue(announce: (item: CheckItem) => void) {
  const items = reactive<CheckItem[]>([])
  const works = new Map<number, Work>()
  const pending: { item: CheckItem; verify: typeof verifyHere }[] = []
  let last = 0
  let current: CheckItem | undefined

  async function run(item: CheckItem, verify: typeof verifyHere): Promise<void> {
    const work = works.get(item.id)
    if (!work) return
    try {
      const report = await verify(item, work)
      if (!works.has(item.id) || item.stage === 'cancelled') return
      item.report = report
      item.stage = 'done'
    } catch (error) {
      if (error instanceof Cancelled) {
        item.stage = 'cancelled'
        return
      }
      item.problem = problemOf(error)
      item.stage = 'failed'
    }
    announce(item)
  }

  async function drain(): Promise<void> {
    if (current) return
    for (let next = pending.shift(); next; next = pending.shift()) {
      current = next.item
      await run(next.item, next.verify)
    }
    current = undefined
  }

  function enqueue(item: CheckItem, verify: typeof verifyHere = verifyHere): void {
    item.stage = 'waiting'
    pending.push({ item, verify })
    void drain()
  }

  function add(source: CheckItem['source'], name: string, work: Work): CheckItem {
    const size = 'file' in work ? work.file.size : undefined
    const fresh = { id: ++last, source, name, ...(size !== undefined && { size }), sent: 0, asked: false }
    items.unshift({ ...fresh, stage: canVerifyHere() ? 'waiting' : 'elsewhere' })
    const item = items[0] as CheckItem
    works.set(item.id, work)
    if (item.stage === 'waiting') enqueue(item)
    return item
  }

  function cancel(item: CheckItem): void {
    const at = pending.findIndex((one) => one.item === item)
    if (at >= 0) pending.splice(at, 1)
    item.stage = 'cancelled'
    if (current === item) cancelTasks()
  }

  return {
    items,
    addFile: (file: File, question: AskedBeside = {}) => add('file', file.name, { file, question }),
    addStatement: (statement: string, source: 'qr' | 'link', question: AskedBeside = {}) =>
      add(source, '', { statement, question }),
    workOf: (item: CheckItem) => works.get(item.id),
    cancel,
    retry(item: CheckItem): void {
      item.sent = 0
      delete item.problem
      enqueue(item)
    },
    /** Sends the file itself to the server. */
    sendToServer(item: CheckItem): void {
      enqueue(item, verifyThere)
    },
    /** Asks the register about the licence by its identifier alone, and judges again with its answer. */
    async askRegister(item: CheckItem): Promise<void> {
      const licence = item.report?.licence
      const work = works.get(item.id)
      if (!licence || !work) return
      delete item.askFault
      try {
        item.report = await judge({ ...item }, work, await askRegister(licence))
        item.asked = true
        announce(item)
      } catch (error) {
        if (!(error instanceof Cancelled)) item.askFault = problemOf(error)
      }
    },
    remove(item: CheckItem): void {
      if (item.stage !== 'done') cancel(item)
      works.delete(item.id)
      const at = items.findIndex((one) => one.id === item.id)
      if (at >= 0) items.splice(at, 1)
    },
    clear(): void {
      works.clear()
      pending.length = 0
      items.length = 0
      if (current) cancelTasks()
    },
  }
}
