// The worker in which every document is judged, so that the page stays alive and can stop it at any moment.
import type { VerificationReport } from '../../kit/api-types.ts'
import { acceptLists } from './accept-lists.ts'
import { createEngine, rememberSeen } from './engine.ts'
import { fetchLists } from './fetch-lists.ts'
import { createListStore } from './list-store.ts'
import { areStale, isClockBehind, type KeptLists, type ListFacts } from './lists.ts'
import type { Answers, Phase, Reply, Request, Task } from './messages.ts'

/** Beyond it the lists in hand are used. */
const PATIENCE_MS = 4000

const store = createListStore()
let lists: KeptLists | null = null
const engine = createEngine(() => lists)
let refusedOlder = false
const loaded = store.load().then((kept) => {
  lists = kept
})
let renewing: Promise<void> | undefined

async function renew(): Promise<void> {
  try {
    const offered = await fetchLists(self.location.origin, AbortSignal.timeout(PATIENCE_MS))
    const accepted = await acceptLists(offered, lists)
    refusedOlder = accepted.refusedOlder
    lists = accepted.lists
    await store.save(lists)
  } catch {
    // No network, or nothing that may be believed: what is kept stays in use, and its age is shown.
  }
}

/** Lists as new as can be had: several who ask at once share one renewal. */
async function upToDate(at: Date): Promise<void> {
  await loaded
  if (!navigator.onLine || !areStale(lists, at)) return
  renewing ??= renew().finally(() => (renewing = undefined))
  await renewing
}

const facts = (at: Date): ListFacts | null =>
  lists && {
    asOf: lists.asOf,
    nextUpdate: lists.nextUpdate,
    clockBehind: isClockBehind(at, lists.memory),
    refusedOlder,
  }

/** What was seen outlives this page: an older list is refused next time too. */
async function remember(report: VerificationReport): Promise<VerificationReport> {
  if (lists) {
    const risen = rememberSeen(lists, report)
    if (risen !== lists) await store.save((lists = risen))
  }
  return report
}

async function perform(task: Task, at: Date, tell: (phase: Phase) => void): Promise<Answers[Task['kind']]> {
  tell('lists')
  await upToDate(at)
  if (task.kind === 'lists') return facts(at)
  if (task.kind === 'statement') {
    tell('checking')
    return remember(await engine.checkStatement(task.text, at, task))
  }
  tell('reading')
  const bytes = new Uint8Array(await task.file.arrayBuffer())
  tell('checking')
  return remember(await engine.checkDocument(task.name, bytes, at, task))
}

self.addEventListener('message', async ({ data: { id, at, task } }: MessageEvent<Request>) => {
  const reply = (message: Reply) => self.postMessage(message)
  try {
    const answer = await perform(task, at, (phase) => reply({ id, phase }))
    reply({ id, answer, lists: facts(at) })
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) })
  }
})
