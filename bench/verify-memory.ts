// verify.memory: whether the heap stays as it is over many verifications of documents that differ, sound and tampered.
import { readFileSync, rmSync } from 'node:fs'
import { readTrustFolder } from '../bin/trust-folder.ts'
import { systemClock } from '../platform/index.ts'
import { type Evidence, type ValidationPolicy, verifyDocument } from '../verifier/index.ts'
import { demoFolder } from './demo-folder.ts'
import { type Row, row } from './row.ts'

/** Fewer in CI, where the machine has other work. */
const VERIFICATIONS = process.env['CI'] === 'true' ? 10_000 : 100_000

/** Used memory once everything that can go is gone; the bench runs with --expose-gc. */
function usedMegabytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/** `verify.memory`: growth between the first fifth and the end. Every other document has a byte changed, so that no two are the same. */
export async function memoryRow(): Promise<Row> {
  const { folder, files, trust } = await demoFolder('B-LT')
  try {
    const { anchors, ...material } = await readTrustFolder(trust)
    const evidence: Evidence = { ...material, live: null }
    const policy: ValidationPolicy = { trustAnchors: anchors }
    const documents = files.map((file) => new Uint8Array(readFileSync(file)))
    const at = systemClock.now()
    let accepted = 0
    const run = async (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const bytes = documents[i % documents.length]!.slice()
        if (i % 2) bytes[(i * 7_919) % bytes.length]! ^= 1 << (i % 8)
        const { verdict } = await verifyDocument({ name: `${i}.pdf`, bytes }, evidence, policy, at)
        if (verdict === 'accepted') accepted++
      }
    }
    const warm = VERIFICATIONS / 5
    await run(0, warm)
    const before = usedMegabytes()
    await run(warm, VERIFICATIONS)
    const after = usedMegabytes()
    const peak = Math.round(process.resourceUsage().maxRSS / 1024)
    const note = `heap and buffers after ${warm} (${before.toFixed(1)} MB) and ${VERIFICATIONS} verifications (${after.toFixed(1)} MB) of B-LT licences, every other one with another byte changed (${accepted} accepted); greatest memory of the process ${peak} MB`
    return row('verify.memory', after - before, 'MB more', note)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
