// verify.hostile: how long documents hold the verifier that ask more of it than any honest one does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { readTrustFolder, writeTrustFolder } from '../bin/trust-folder.ts'
import { readSignedPdf } from '../pades/read/index.ts'
import { systemClock } from '../platform/index.ts'
import {
  type Evidence,
  NO_EVIDENCE,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
} from '../verifier/index.ts'
import { demoFolder } from './demo-folder.ts'
import { hostileFiles, makeManySignatures } from './hostile.ts'
import { startDss } from './judges.ts'
import { median } from './measure.ts'
import { type Row, row } from './row.ts'

const SIGNATURES = 24
const REVISIONS = 50

/** Median duration of one call, after the first calls have warmed up. */
async function medianMs(calls: number, task: () => Promise<unknown>): Promise<number> {
  const durations: number[] = []
  for (let i = 0; i < calls + 2; i++) {
    globalThis.gc?.()
    const start = performance.now()
    await task()
    if (i >= 2) durations.push(performance.now() - start)
  }
  return median(durations)
}

/** `verify.hostile` (24 signatures in 50 revisions, beside EU DSS) and `verify.hostile-rejected` (the slowest of files made to cost). */
export async function* hostileRows(isAsked: (name: string) => boolean): AsyncIterable<Row> {
  if (isAsked('verify.hostile')) yield await manySignatures()
  if (isAsked('verify.hostile-rejected')) yield await rejected()
}

async function manySignatures(): Promise<Row> {
  const { pdf, root, crls, at } = await makeManySignatures(SIGNATURES)
  const read = readSignedPdf(pdf)
  if (!read.ok || read.revisions.length !== REVISIONS) throw new Error('the hostile document is not what it should be')
  const policy: ValidationPolicy = { trustAnchors: [root], trustList: 'skipped' }
  const verify = async () => {
    const { signatures, indication } = await verifyDocument(
      { name: 'a.pdf', bytes: pdf },
      { ...NO_EVIDENCE, crls },
      policy,
      at,
    )
    if (signatures.length !== SIGNATURES || indication !== 'TOTAL-PASSED')
      throw new Error(`the bench's own document is ${indication}`)
  }
  const ours = await medianMs(9, verify)
  const note = `${SIGNATURES} signatures at B-LT, P-256, in ${REVISIONS} revisions, ${Math.round(pdf.length / 1024)} KB; median of 9; EU DSS once, warm, without comparing pictures`
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-'))
  const file = join(folder, 'many.pdf')
  writeFileSync(file, pdf)
  await writeTrustFolder(folder, { anchors: [root], crls, trustList: null, statusLists: new Map() })
  const dss = startDss(folder, [file], `${at.toISOString().slice(0, 19)}Z`)
  try {
    if (!dss) return row('verify.hostile', ours, 'ms', note)
    await dss.milliseconds(SIGNATURES)
    return row('verify.hostile', ours, 'ms', note, 'EU DSS', await dss.milliseconds(SIGNATURES))
  } finally {
    dss?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function rejected(): Promise<Row> {
  const { folder, files, trust } = await demoFolder('B-LT')
  try {
    const { anchors, ...material } = await readTrustFolder(trust)
    const evidence: Evidence = { ...material, live: null }
    const policy: ValidationPolicy = { trustAnchors: anchors }
    const at = systemClock.now()
    let worst = { what: '', ms: 0 }
    const hostile = hostileFiles(new Uint8Array(readFileSync(files[0]!)))
    for (const [what, bytes] of hostile) {
      const ms = await medianMs(5, async () => {
        const report: VerificationReport = await verifyDocument({ name: 'a.pdf', bytes }, evidence, policy, at)
        if (report.verdict === 'accepted') throw new Error(`accepted: ${what}`)
      })
      if (process.env['BENCH_VERBOSE']) console.error(`${ms.toFixed(1)} ms: ${what}, ${bytes.length} bytes`)
      if (ms > worst.ms) worst = { what, ms }
    }
    return row(
      'verify.hostile-rejected',
      worst.ms,
      'ms',
      `the slowest of ${hostile.size} files made to cost or deceive: ${worst.what}; median of 5 each`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
