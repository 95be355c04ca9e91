import { describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { isAccepted } from '../pades/documents.ts'
import { openCorpus } from '../support/corpora.ts'

interface Case {
  readonly file?: string
  readonly expect?: { readonly verdict: string; readonly signatures: number; readonly doctimestamps: number }
}

const mustRefuse = new Set(['MODIFIED', 'BROKEN', 'MALFORMED', 'NOT_VALID', 'UNDECIDABLE'])

for (const suite of ['pdf-dss', 'pdf-pyhanko', 'pdf-interop', 'pdf-attacks-rub2019', 'pdf-robustness']) {
  const corpus = openCorpus(suite)
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  describe.skipIf(corpus === undefined)(`documents of ${suite}`, () => {
    for (const { file, expect: expected } of cases) {
      if (expected === undefined || file === undefined || !file.toLowerCase().endsWith('.pdf')) continue
      const { verdict } = expected
      if (mustRefuse.has(verdict)) {
        it(`never accepts ${file} (${verdict})`, async () => {
          expect(await isAccepted(corpus!.read(file))).toBe(false)
        })
      } else {
        it(`reads ${file} (${verdict}) in less than two seconds`, () => {
          const started = performance.now()
          const result = readSignedPdf(corpus!.read(file))
          expect(performance.now() - started).toBeLessThan(2_000)
          const count = result.ok ? result.signatures.length : -1
          expect(count).toBe(expected.signatures + expected.doctimestamps)
          if (verdict !== 'INTACT' || !result.ok) return
          for (const { byteRange, laterChanges, contents } of result.signatures) {
            expect(byteRange).toBe('ok')
            expect(['none', 'permitted']).toContain(laterChanges)
            expect(contents).not.toBeNull()
          }
        })
      }
    }
  })
}
