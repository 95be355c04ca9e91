// Peers that verify, each in a process of its own, asked for rates in the run that measures ours.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { packageRoot } from '../platform/index.ts'

const judges = join(packageRoot, '.cache', 'judges')
const python = join(judges, 'python', 'bin', 'python')
const [dss, classes, verapdf] = ['dss', 'classes', 'verapdf.jar'].map((name) => join(judges, name)) as [
  string,
  string,
  string,
]

function ask(command: string, args: readonly string[]) {
  const child: ChildProcessWithoutNullStreams = spawn(command, args)
  child.stderr.resume()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async answer<T>(question: string): Promise<T> {
      child.stdin.write(`${question}\n`)
      const { value } = await lines.next()
      if (value === undefined) throw new Error(`${command} ended without an answer`)
      return JSON.parse(value) as T
    },
    stop: () => child.stdin.end(),
  }
}

/** A judge's rate on the documents it was started with. */
export interface RatedJudge {
  /** Verifications a second, over so many seconds; throws where it does not pass a document. */
  rate(seconds: number): Promise<number>
  stop(): void
}

/** pyHanko; undefined where it is not installed. */
export function startPyHanko(level: 'B-B' | 'B-LT', trust: string, files: readonly string[]): RatedJudge | undefined {
  if (!existsSync(python)) return undefined
  const { answer, stop } = ask(python, [join(packageRoot, 'bench', 'pyhanko_rate.py'), level, trust, ...files])
  return {
    async rate(seconds) {
      const {
        calls,
        seconds: taken,
        valid,
      } = await answer<{ calls: number; seconds: number; valid: boolean }>(String(seconds))
      if (!valid) throw new Error('pyHanko does not take our licences for valid')
      return calls / taken
    },
    stop,
  }
}

interface DssAnswer {
  readonly fault?: string
  readonly signatures?: readonly { readonly indication: string }[]
}

/** EU DSS with its own policy, offline; undefined where it is not installed. */
export function startDss(
  trust: string,
  files: readonly string[],
  at = 'now',
): (RatedJudge & { milliseconds(signatures: number): Promise<number> }) | undefined {
  if (![dss, classes, verapdf].every((path) => existsSync(path))) return undefined
  const { answer, stop } = ask('java', ['-cp', classes, 'Judges', dss, verapdf, classes])
  const judge = async (file: string): Promise<readonly { readonly indication: string }[]> => {
    const { fault, signatures = [] } = await answer<DssAnswer>(['dss', file, trust, at].join('\t'))
    if (fault !== undefined) throw new Error(`EU DSS failed: ${fault}`)
    return signatures
  }
  const pass = async (file: string): Promise<void> => {
    const signatures = await judge(file)
    if (signatures.length === 0 || signatures.some(({ indication }) => indication !== 'TOTAL_PASSED'))
      throw new Error('EU DSS does not take our documents for valid')
  }
  return {
    async rate(seconds) {
      const start = performance.now()
      let calls = 0
      while (calls === 0 || performance.now() - start < seconds * 1000) await pass(files[calls++ % files.length]!)
      return (calls * 1000) / (performance.now() - start)
    },
    /** For the first document, whatever the verdict; throws where it sees another number of signatures. */
    async milliseconds(count) {
      const start = performance.now()
      const { length } = await judge(files[0]!)
      if (length !== count) throw new Error(`EU DSS sees ${length} of ${count} signatures`)
      return performance.now() - start
    },
    stop,
  }
}
