import { reactive } from 'vue'
import { callApi, uploadFile } from '../kit/api.ts'
import type { VerificationReport } from '../kit/api-types.ts'
import { say } from '../kit/language.ts'
import { type Problem, problemOf } from '../kit/problem.ts'
import { words } from './words.ts'

/** One thing to check, from being dropped to its report. */
export interface CheckItem {
  readonly id: number
  readonly source: 'file' | 'qr' | 'link'
  readonly name: string
  readonly size?: number
  stage: 'waiting' | 'uploading' | 'checking' | 'done' | 'failed'
  /** Part of the file sent, 0 to 1. */
  sent: number
  report?: VerificationReport
  problem?: Problem
}

/** What an item is called: a file by its name, a QR by where it came from. */
export const nameOf = (item: CheckItem): string =>
  item.source === 'file' ? item.name : say(item.source === 'link' ? words.fromLink : words.fromQr)

export type CheckQueue = ReturnType<typeof createCheckQueue>

type Work = { readonly file: Blob } | { readonly statement: string }

/** Files and statements checked one after another, newest first in `items`. */
export function createCheckQueue(announce: (item: CheckItem) => void) {
  const items = reactive<CheckItem[]>([])
  const works = new Map<number, Work>()
  const pending: CheckItem[] = []
  let last = 0
  let running = false

  async function run(item: CheckItem): Promise<void> {
    const work = works.get(item.id)
    if (!work) return
    try {
      if ('file' in work) {
        item.stage = 'uploading'
        item.report = await uploadFile<VerificationReport>(
          '/api/verifications',
          work.file,
          'application/pdf',
          (part) => {
            item.sent = part
            if (part >= 1) item.stage = 'checking'
          },
        )
      } else {
        item.stage = 'checking'
        item.report = await callApi<VerificationReport>('/api/verifications', {
          method: 'POST',
          body: { statement: work.statement },
        })
      }
      item.stage = 'done'
    } catch (error) {
      item.problem = problemOf(error)
      item.stage = 'failed'
    }
    announce(item)
  }

  async function drain(): Promise<void> {
    if (running) return
    running = true
    for (let item = pending.shift(); item; item = pending.shift()) await run(item)
    running = false
  }

  function add(source: CheckItem['source'], name: string, work: Work): void {
    const size = 'file' in work ? work.file.size : undefined
    items.unshift({ id: ++last, source, name, ...(size !== undefined && { size }), stage: 'waiting', sent: 0 })
    const item = items[0] as CheckItem
    works.set(item.id, work)
    pending.push(item)
    void drain()
  }

  return {
    items,
    addFile: (file: File) => add('file', file.name, { file }),
    addStatement: (statement: string, source: 'qr' | 'link') => add(source, '', { statement }),
    retry(item: CheckItem): void {
      Object.assign(item, { stage: 'waiting', sent: 0 })
      delete item.problem
      pending.push(item)
      void drain()
    },
    remove(item: CheckItem): void {
      works.delete(item.id)
      const at = items.findIndex((one) => one.id === item.id)
      if (at >= 0) items.splice(at, 1)
    },
    clear(): void {
      works.clear()
      pending.length = 0
      items.length = 0
    },
  }
}
