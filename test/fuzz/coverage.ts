// Which code ran for the first time, as V8 counts it: block by block, in the thread that asks.
import { Session } from 'node:inspector/promises'

export interface Coverage {
  /** Blocks of our own rooms that ran since the last call and never before. */
  takeNew(): Promise<number>
  stop(): Promise<void>
}

/** Starts counting. Without call counts V8 reports every block once, which is just what tells whether an input reached anything new. */
export async function startCoverage(): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
  const isOwn = (url: string) => /\/(verifier|pades|pki|licence-format)\/[^:]*\.ts$/.test(url)
  return {
    async takeNew() {
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const ranges = result
        .filter(({ url }) => isOwn(url))
        .flatMap(({ functions }) => functions.flatMap((one) => one.ranges))
      return ranges.filter(({ count }) => count > 0).length
    },
    async stop() {
      await session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}
