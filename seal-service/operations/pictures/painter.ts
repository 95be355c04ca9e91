import { createWorkerPool } from '../../../platform/workers/index.ts'
import type { SealArtwork } from '../../domain/seal-picture-spec.ts'
import { SealError } from '../../errors.ts'
import type { Painted, PaintTask } from './paint.ts'

/** Turns pictures into pixels and back, beside the thread that answers. */
export interface Painter {
  /** A seal's SVG, as this service made it, as a PNG of true size on nothing. */
  png(svg: string, dpi: number): Promise<Uint8Array>
  /** An artwork from hostile bytes. Throws `SEAL_ARTWORK_REFUSED`, whose fault says what is wrong. */
  artwork(bytes: Uint8Array): Promise<SealArtwork>
  /** How seals look, by their SVGs. */
  looks(svgs: readonly string[]): Promise<readonly Uint8Array[]>
}

/** Of work, not of waiting: ordinary artworks take well under a second. */
const timeoutMs = 10_000
const heapMb = 384

/** One thread, started by the first picture. */
export function createPainter(): Painter {
  const pool = createWorkerPool<PaintTask, Painted>({
    module: new URL('./paint-worker.ts', import.meta.url),
    threads: 1,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
  const run = <Kind extends Painted['kind']>(task: PaintTask & { readonly kind: Kind }) =>
    pool.run(task, [], { timeoutMs }) as Promise<Extract<Painted, { readonly kind: Kind }>>
  return {
    png: async (svg, dpi) => (await run({ kind: 'png', svg, dpi })).bytes,
    looks: async (svgs) => (await run({ kind: 'looks', svgs })).looks,
    async artwork(bytes) {
      const answer: Painted = await run({ kind: 'artwork', bytes }).catch(toRefusal)
      if (answer.kind === 'artwork') return answer.artwork
      if (answer.kind !== 'refused') throw new TypeError(`the painter answered ${answer.kind}`)
      const { code, detail } = answer
      throw new SealError('SEAL_ARTWORK_REFUSED', detail, { faults: [{ pointer: '', code, detail }] })
    },
  }
}

/** What takes a thread too long, or all its memory, is no artwork of a seal. */
function toRefusal(error: unknown): Painted {
  const { code } = error as { code?: unknown }
  if (code !== 'TASK_TIMED_OUT' && code !== 'TASK_THREAD_ENDED') throw error
  return { kind: 'refused', code: 'ARTWORK_TOO_DETAILED', detail: 'it takes too long to paint' }
}
