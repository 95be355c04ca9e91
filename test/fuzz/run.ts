// node test/fuzz/run.ts [--minutes N] [--seed N] [--corpus DIR] [--types N] [--target NAME]... [--unguided] [--most MS] [--mutant JSON]
// Fuzzes the verifier in a thread of its own and watches it: time and memory of every mutant. The last line is a JSON summary.
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Mutant } from './fuzzer.ts'
import { MOST_MS, watch } from './watch.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string' },
    types: { type: 'string', default: '2' },
    target: { type: 'string', multiple: true, default: [] },
    unguided: { type: 'boolean', default: false },
    most: { type: 'string', default: String(MOST_MS) },
    mutant: { type: 'string' },
  },
})

const corpus = values.corpus ?? (await mkdtemp(join(tmpdir(), 'zhengyin-fuzz-')))
if (corpus !== 'planted' && (await readdir(corpus).catch(() => [])).length === 0) {
  const { makeCorpus } = await import('./corpus.ts')
  await makeCorpus(corpus, Number(values.types))
}
const summary = await watch({
  corpus,
  seed: Number(values.seed),
  milliseconds: Number(values.minutes) * 60_000,
  isGuided: !values.unguided,
  only: values.target,
  most: Number(values.most),
  one: values.mutant === undefined ? null : (JSON.parse(values.mutant) as Mutant),
  tell: (line) => console.log(line),
})
console.log(JSON.stringify({ ...summary, corpus }))
process.exitCode = summary.findings.length ? 1 : 0
if (corpus !== 'planted' && summary.findings.length) await writeFindings()

/** Each finding with the document that shows it, beside the corpus. */
async function writeFindings(): Promise<void> {
  const [{ readCorpus }, { makeTargets }, { makeMutant }] = await Promise.all([
    import('./corpus.ts'),
    import('./targets.ts'),
    import('./fuzzer.ts'),
  ])
  const targets = await makeTargets(await readCorpus(corpus))
  for (const [index, finding] of summary.findings.entries()) {
    const target = targets.find(({ name }) => name === finding.target)!
    const seed = target.seeds.find(({ name }) => name === finding.seed)!
    const path = join(corpus, `finding-${index + 1}`)
    await writeFile(`${path}.json`, JSON.stringify(finding, null, 2))
    await writeFile(`${path}.bin`, makeMutant(target, seed, finding.mutations))
  }
}
