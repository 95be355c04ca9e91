// verify.*: how fast a sealed licence is judged on one thread, everything but the network, beside pyHanko on the same documents.
import { readFileSync, rmSync } from 'node:fs'
import { readTrustFolder } from '../bin/trust-folder.ts'
import { systemClock } from '../platform/index.ts'
import { type Evidence, type ValidationPolicy, verifyDocument } from '../verifier/index.ts'
import { type DemoLevel, demoFolder } from './demo-folder.ts'
import { startDss, startPyHanko } from './judges.ts'
import { measure, median } from './measure.ts'
import { type Row, row } from './row.ts'
import { hostileRows } from './verify-hostile.ts'
import { memoryRow } from './verify-memory.ts'

const benches: readonly {
  readonly name: string
  readonly level: DemoLevel
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

const WARM_UP_SECONDS = 6

/** `verify.bb`, `verify.blt` and, where pyHanko is installed, its rates in the same run. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  const isAsked = (name: string) => !only || name.startsWith(only)
  for (const bench of benches) if (isAsked(bench.name)) yield await measureOne(bench)
  yield* hostileRows(isAsked)
  if (isAsked('verify.memory')) yield await memoryRow()
}

async function measureOne({ name, level, ours: what, theirs: peerWhat }: (typeof benches)[number]): Promise<Row> {
  const { folder, files, trust } = await demoFolder(level)
  const peer = startPyHanko(level, trust, files)
  const beside = level === 'B-LT' ? startDss(trust, files) : undefined
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
    // A virtual machine, ours and theirs, is slow until it has compiled what it runs.
    await measure({ verify }, { rounds: 1, seconds: WARM_UP_SECONDS })
    await peer?.rate(1)
    await beside?.rate(WARM_UP_SECONDS)
    const ours: number[] = []
    const theirs: number[] = []
    const besides: number[] = []
    for (let i = 0; i < 3; i++) {
      const { verify: rate } = await measure({ verify }, { rounds: 1, seconds: 1.5 })
      ours.push(rate!.perSecond)
      if (peer) theirs.push(await peer.rate(1.5))
      if (beside) besides.push(await beside.rate(1.5))
    }
    const size = Math.round(documents.reduce((sum, { bytes }) => sum + bytes.length, 0) / documents.length / 1024)
    const note =
      `${level}, P-256, ${size} KB, all ${documents.length} types; ours: byte range, later changes, CMS, ${what}, embedded data, ` +
      `QR statement, trust list, status list; pyHanko: byte range, later changes, CMS, ${peerWhat}${
        besides.length
          ? `; EU DSS with its own policy, without comparing pictures: ${median(besides).toPrecision(3)} /s`
          : ''
      }`
    const rate = median(ours)
    return peer ? row(name, rate, '/s', note, 'pyHanko', median(theirs)) : row(name, rate, '/s', note)
  } finally {
    peer?.stop()
    beside?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
