// Drawing and judging what the house makes itself in other threads, so that the server answers, and seals the next licences, meanwhile.
// Documents of others are judged where uploads are (judge-pool.ts).
import type { Judge, Judgement, PageToRender, RenderedPage, Renderer, VersionSource } from '../licence-service/index.ts'
import { createWorkerPool } from '../platform/workers/index.ts'
import { type LicenceDefinition, TemplateError, type TemplateErrorCode } from '../templates/index.ts'
import type { Evidence, ValidationPolicy } from '../verifier/index.ts'
import { exact, exactEvidence } from './task-copies.ts'

export interface JudgeTask {
  readonly what: 'judge'
  readonly documents: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
}

export interface RenderTask {
  readonly what: 'render'
  readonly pages: readonly PageToRender[]
  /** Of the versions that the pages name; left out at first, since a thread keeps what it was once told. */
  readonly definitions: readonly LicenceDefinition[]
}

/** A thread's answer when it was not told every definition yet. */
export interface Untold {
  readonly untold: true
}

/** A page as it comes from another thread: errors lose their class on the way. */
export type PlainPage =
  | Extract<RenderedPage, { readonly ok: true }>
  | { readonly ok: false; readonly code: TemplateErrorCode; readonly message: string }

export interface MintPool {
  readonly judge: Judge
  readonly render: Renderer
  close(): Promise<void>
}

/** Of one group of documents or pages: a hundred times what an honest one takes, so that no fault of ours holds up a thread for good. */
const TIME_LIMIT_MS = 120_000
/** Of a thread's objects: compiled templates, and what one group takes. */
const HEAP_MB = 1024

/** Draws and judges in so many threads, which start with the first task. What takes beyond its time or memory rejects like any outage. */
export function createMintPool(threads: number, timeLimitMs = TIME_LIMIT_MS): MintPool {
  const pool = createWorkerPool<JudgeTask | RenderTask, Judgement[] | PlainPage[] | Untold>({
    module: new URL('./mint-worker.ts', import.meta.url),
    threads,
    ahead: 1,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const limits = { timeoutMs: timeLimitMs }
  return {
    judge: async (documents, evidence, policy, at) => {
      const copies = documents.map(({ name, bytes }) => ({ name, bytes: exact(bytes) }))
      const task: JudgeTask = { what: 'judge', documents: copies, evidence: exactEvidence(evidence), policy, at }
      const buffers = copies.map(({ bytes }) => bytes.buffer)
      return (await pool.run(task, buffers, limits)) as Judgement[]
    },
    render: async (pages, templates) => {
      const own = pages.map((page) => ({
        ...page,
        licenceJson: exact(page.licenceJson),
        dataDigest: exact(page.dataDigest),
        pictures: new Map([...page.pictures].map(([digest, bytes]) => [digest, exact(bytes)])),
      }))
      const draw = async (definitions: readonly LicenceDefinition[]) =>
        (await pool.run({ what: 'render', pages: own, definitions }, [], limits)) as PlainPage[] | Untold
      let drawn = await draw([])
      if ('untold' in drawn) drawn = await draw(definitionsOf(pages, templates))
      if ('untold' in drawn) throw new TypeError('a thread forgot what it was told')
      return drawn.map((page) => (page.ok ? page : { ok: false, error: new TemplateError(page.code, page.message) }))
    },
    close: () => pool.close(),
  }
}

function definitionsOf(pages: readonly PageToRender[], templates: VersionSource): LicenceDefinition[] {
  const named = new Map(pages.map(({ typeCode, data }) => [`${typeCode} ${data.templateVersion}`, { typeCode, data }]))
  return [...named.values()].map(({ typeCode, data }) => templates.version(typeCode, data.templateVersion)!.definition)
}
