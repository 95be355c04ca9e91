import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Summary } from './watch.ts'

// Mutants of licences, statements, lists and other people's files, for as long as there is time: a few seconds in `npm test`, a minute in CI,
// FUZZ_MINUTES (60) in `npm run test:long`. FUZZ_SEED chooses others. What is found stays in the folder that the failure names.

const minutes = process.env['TEST_LONG']
  ? Number(process.env['FUZZ_MINUTES'] ?? 60)
  : process.env['CI'] === 'true'
    ? 1
    : 0.2

async function fuzz(...options: string[]): Promise<{ summary: Summary & { corpus: string }; told: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  for await (const chunk of child.stdout) told += String(chunk)
  const lines = told.trim().split('\n')
  return { summary: JSON.parse(lines.at(-1)!) as Summary & { corpus: string }, told: lines.slice(0, -1).join('\n') }
}

describe('the fuzzer', () => {
  it('sees a crash, a wrong verdict, a hang and memory beyond its limit, each with its fewest changes', async () => {
    const planted = ['crash', 'wrong', 'hang', 'memory'].map((kind) =>
      fuzz(
        '--corpus',
        'planted',
        '--target',
        `planted-${kind}`,
        '--minutes',
        '0.02',
        '--most',
        kind === 'memory' ? '10000' : '2000',
      ),
    )
    const kinds = (await Promise.all(planted)).map(({ summary }) => summary.findings.map(({ kind }) => kind))
    expect(kinds).toEqual([['crash'], ['wrong'], ['hang'], ['memory']])
    const [{ summary }] = (await Promise.all(planted)) as [Awaited<ReturnType<typeof fuzz>>]
    expect(summary.findings[0]!.mutations).toHaveLength(1)
    const again = await fuzz('--corpus', 'planted', '--mutant', JSON.stringify(summary.findings[0]))
    expect(again.summary.findings).toMatchObject([{ kind: 'crash', mutations: summary.findings[0]!.mutations }])
  })
})

describe('mutants of documents, statements, lists and their parts', () => {
  it(
    'crash nothing, end in time and memory, and are accepted only where the change means nothing',
    async () => {
      const types = process.env['TEST_LONG'] ? '6' : '1'
      const seed = process.env['FUZZ_SEED'] ?? '1'
      const { summary, told } = await fuzz('--minutes', String(minutes), '--seed', seed, '--types', types)
      expect(summary.iterations).toBeGreaterThan(50)
      expect(summary.findings, told).toEqual([])
      await rm(summary.corpus, { recursive: true, force: true })
    },
    120_000 + minutes * 90_000,
  )
})
