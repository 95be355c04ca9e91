import { describe, expect, it } from 'vitest'
import type { ReportChange, ReportSignature, VerificationReport } from '../../web/kit/api-types.ts'
import { formatAge } from '../../web/kit/format.ts'
import { type Drawing, differencesOf } from '../../web/verify/differences.ts'
import { createScannerKeys } from '../../web/verify/scanner-keys.ts'
import { revisionsToCompare } from '../../web/verify/verdict.ts'

describe('createScannerKeys', () => {
  const statement = `HTTPS://EXAMPLE.CN/Q/${'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.repeat(2)}`

  /** Types a text with so many milliseconds between two keys, then Enter; gives what the last key gave. */
  const type = (read: ReturnType<typeof createScannerKeys>, text: string, pauseMs: number, from = 0) => {
    let at = from
    let found: string | undefined
    for (const key of [...text, 'Enter']) found = read({ key, at: (at += pauseMs) })
    return found
  }

  it('reads a statement from a run of keys that ends with Enter', () => {
    expect(type(createScannerKeys(), statement, 8)).toBe(statement)
  })

  it('passes over Shift and other keys that write nothing', () => {
    const read = createScannerKeys()
    let at = 0
    let found: string | undefined
    for (const key of [...statement].flatMap((character) => ['Shift', character])) found = read({ key, at: (at += 5) })
    found = read({ key: 'Enter', at: at + 5 })
    expect(found).toBe(statement)
  })

  it('gives nothing for what fingers type with pauses, for another code, and for a run that was broken off', () => {
    expect(type(createScannerKeys(), statement, 600)).toBeUndefined()
    expect(type(createScannerKeys(), '6901234567892', 8)).toBeUndefined()
    const read = createScannerKeys()
    for (const [i, key] of [...statement.slice(0, 30)].entries()) read({ key, at: i * 5 })
    expect(type(read, statement.slice(30), 5, 5000)).toBeUndefined()
    expect(type(read, statement, 5, 9000)).toBe(statement)
  })
})

describe('differencesOf', () => {
  const drawing = (width: number, height: number, dark: readonly (readonly [x: number, y: number])[] = []): Drawing => {
    const data = new Uint8ClampedArray(width * height * 4).fill(255)
    for (const [x, y] of dark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3)
    return { width, height, data }
  }

  it('finds nothing between two drawings that are alike', () => {
    expect(differencesOf(drawing(640, 900, [[5, 5]]), drawing(640, 900, [[5, 5]]))).toEqual([])
  })

  it('puts one box around what lies together and another around what lies far away', () => {
    const boxes = differencesOf(
      drawing(640, 640),
      drawing(640, 640, [
        [100, 100],
        [118, 104],
        [500, 600],
      ]),
    )
    expect(boxes).toHaveLength(2)
    const [near, far] = boxes as [(typeof boxes)[0], (typeof boxes)[0]]
    expect(near.left).toBeLessThanOrEqual(100 / 640)
    expect(near.left + near.width).toBeGreaterThan(118 / 640)
    expect(near.left + near.width).toBeLessThan(0.25)
    expect(far.top + far.height).toBeGreaterThan(600 / 640)
  })

  it('takes pages of different size as different as a whole', () => {
    expect(differencesOf(drawing(10, 10), drawing(10, 12))).toEqual([{ left: 0, top: 0, width: 1, height: 1 }])
  })
})

describe('revisionsToCompare', () => {
  const change = (kind: string): ReportChange => ({ verdict: 'not-permitted', kind, page: 0, rect: null, detail: '' })
  const report = (...signatures: Partial<ReportSignature>[]) => ({ signatures }) as unknown as VerificationReport

  it('compares with the last seal after which something was changed', () => {
    const found = revisionsToCompare(
      report(
        { type: 'signature', revisionEnd: 100, changes: [change('signature-added')] },
        { type: 'signature', revisionEnd: 200, changes: [change('object-changed'), change('evidence-added')] },
        { type: 'document-time-stamp', revisionEnd: 300, changes: [] },
      ),
    )
    expect(found).toEqual({ sealedLength: 200, changes: [change('object-changed')] })
  })

  it('has nothing to show where only proofs were added, nothing was, or the seal covers nothing', () => {
    const silent = [change('evidence-added'), change('document-time-stamp-added')]
    expect(revisionsToCompare(report({ type: 'signature', revisionEnd: 100, changes: silent }))).toBeNull()
    expect(revisionsToCompare(report())).toBeNull()
    const broken = { type: 'signature' as const, revisionEnd: null, changes: [change('structure')] }
    expect(revisionsToCompare(report(broken))).toBeNull()
  })
})

describe('formatAge', () => {
  const from = new Date('2026-11-21T08:00:00Z')
  const later = (ms: number, tongue: 'zh' | 'en') => formatAge(from, new Date(from.getTime() + ms), tongue)

  it('says the age in the largest unit that fits', () => {
    expect([later(20_000, 'zh'), later(-5000, 'en')]).toEqual(['刚刚', 'just now'])
    expect([later(60_000, 'en'), later(59 * 60_000, 'zh')]).toEqual(['1 minute ago', '59 分钟前'])
    expect([later(3 * 3_600_000, 'en'), later(50 * 3_600_000, 'zh')]).toEqual(['3 hours ago', '2 天前'])
  })
})
