// The worker in which every document is judged, so that the page stays alive and can stop it at any moment.
import { now } from '../../kit/clock.ts'
import { acceptLists } from './accept-lists.ts'
import { createEngine, type Engine } from './engine.ts'
import { fetchLists } from './fetch-lists.ts'
import { createListStore } from './list-store.ts'
import { areStale, isClockBehind, type KeptLists, type ListFacts } from './lists.ts'
import type { Answers, Phase, Reply, Request, Task } from './messages.ts'

/** Beyond it the lists in hand are used. */
const PATIENCE_MS = 4000

const store = createListStore()
let lists: KeptLists | null = null
let engine: Engine = createEngine(null)
let refusedOlder = false
const loaded = store.load().then((kept) => use(kept))
let renewing: Promise<void> | undefined

function use(kept: KeptLists | null): void {
  lists = kept
  engine = createEngine(kept)
}

async function renew(): Promise<void> {
  try {
    const offered = await fetchLists(self.location.origin, AbortSignal.timeout(PATIENCE_MS))
    const accepted = await acceptLists(offered, lists)
    refusedOlder = accepted.refusedOlder
    use(accepted.lists)
    await store.save(accepted.lists)
  } catch {
    // No network, or nothing that may be believed: what is kept stays in use, and its age is shown.
  }
}

/** Lists as new as can be had: several who ask at once share one renewal. */
async function upToDate(): Promise<void> {
  await loaded
  if (!navigator.onLine || !areStale(lists, now())) return
  renewing ??= renew().finally(() => (renewing = undefined))
  await renewing
}

const facts = (): ListFacts | null =>
  lists && {
    asOf: lists.asOf,
    nextUpdate: lists.nextUpdate,
    statusLists: lists.statusLists.size,
    clockBehind: isClockBehind(now(), lists.memory),
    refusedOlder,
  }

async function perform(task: Task, tell: (phase: Phase) => void): Promise<Answers[Task['kind']]> {
  tell('lists')
  await upToDate()
  if (task.kind === 'lists') return facts()
  if (task.kind === 'statement') {
    tell('checking')
    return engine.checkStatement(task.text, now(), task.live)
  }
  tell('reading')
  const bytes = new Uint8Array(await task.file.arrayBuffer())
  tell('checking')
  return engine.checkDocument(task.name, bytes, now(), task.live)
}

self.addEventListener('message', async ({ data: { id, task } }: MessageEvent<Request>) => {
  const reply = (message: Reply) => self.postMessage(message)
  try {
    const answer = await perform(task, (phase) => reply({ id, phase }))
    reply({ id, answer, lists: facts() })
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) })
  }
})
