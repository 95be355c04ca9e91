// verify.*: how fast a sealed licence is judged on one thread, everything but the network, beside pyHanko on the same documents.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { demo } from '../bin/commands/demo.ts'
import { readTrustFolder } from '../bin/trust-folder.ts'
import { packageRoot, systemClock } from '../platform/index.ts'
import { type Evidence, type ValidationPolicy, verifyDocument } from '../verifier/index.ts'
import { measure } from './measure.ts'
import { type Row, row } from './row.ts'

const python = join(packageRoot, '.cache', 'judges', 'python', 'bin', 'python')

/** pyHanko in a process of its own, asked to run for so many seconds at a time. */
function startPyHanko(level: Level, trust: string, files: readonly string[]) {
  const script = join(packageRoot, 'bench', 'pyhanko_rate.py')
  const child: ChildProcessWithoutNullStreams = spawn(python, [script, level, trust, ...files])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async rate(seconds: number): Promise<number> {
      child.stdin.write(`${seconds}\n`)
      const { value } = await lines.next()
      if (value === undefined) throw new Error('pyHanko ended without an answer')
      const answer = JSON.parse(value) as { calls: number; seconds: number; valid: boolean }
      if (!answer.valid) throw new Error('pyHanko does not take our licences for valid')
      return answer.calls / answer.seconds
    },
    stop: () => child.stdin.end(),
  }
}

type Level = 'B-B' | 'B-LT'

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

/** One licence of every template, as `demo` writes them. */
async function demoFolder(level: Level): Promise<{ folder: string; files: string[]; trust: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-'))
  await demo({ out: folder, level }, () => {})
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => join(folder, name))
  return { folder, files, trust: join(folder, 'trust') }
}

const benches: readonly {
  readonly name: string
  readonly level: Level
  readonly ours: string
  readonly theirs: string
}[] = [
  { name: 'verify.bb', level: 'B-B', ours: 'path and CRLs', theirs: 'path and CRLs' },
  {
    name: 'verify.blt',
    level: 'B-LT',
    ours: 'time stamp, both paths as of its time by the DSS',
    theirs: 'time stamp, both paths by the DSS (its validation with time)',
  },
]

/** `verify.bb`, `verify.blt` and, where pyHanko is installed, its rates in the same run. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  for (const bench of benches) if (!only || bench.name.startsWith(only)) yield await measureOne(bench)
}

async function measureOne({ name, level, ours: what, theirs: peerWhat }: (typeof benches)[number]): Promise<Row> {
  const { folder, files, trust } = await demoFolder(level)
  const peer = existsSync(python) ? startPyHanko(level, trust, files) : undefined
  try {
    const { anchors, ...material } = await readTrustFolder(trust)
    const evidence: Evidence = { ...material, live: null }
    const policy: ValidationPolicy = { trustAnchors: anchors }
    const documents = files.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(file)) }))
    const at = systemClock.now()
    let next = 0
    const verify = async () => {
      const { verdict, signatures } = await verifyDocument(documents[next++ % documents.length]!, evidence, policy, at)
      if (verdict !== 'accepted' || signatures[0]?.level !== level)
        throw new Error(`the bench's own licence is ${verdict} at ${signatures[0]?.level}`)
    }
    await measure({ verify }, { rounds: 1, seconds: 1 })
    await peer?.rate(1)
    const ours: number[] = []
    const theirs: number[] = []
    for (let i = 0; i < 3; i++) {
      const { verify: rate } = await measure({ verify }, { rounds: 1, seconds: 1.5 })
      ours.push(rate!.perSecond)
      if (peer) theirs.push(await peer.rate(1.5))
    }
    const size = Math.round(documents.reduce((sum, { bytes }) => sum + bytes.length, 0) / documents.length / 1024)
    const note =
      `${level}, P-256, ${size} KB, all ${documents.length} types; ours: byte range, later changes, CMS, ${what}, embedded data, ` +
      `QR statement, trust list, status list; pyHanko: byte range, later changes, CMS, ${peerWhat}`
    const rate = median(ours)
    return peer ? row(name, rate, '/s', note, 'pyHanko', median(theirs)) : row(name, rate, '/s', note)
  } finally {
    peer?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
