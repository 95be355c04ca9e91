import fc from 'fast-check'
import QRCode from 'qrcode'
import { describe, expect, it } from 'vitest'
import { QrEncoder, qrSvg } from '../../templates/draw/index.ts'
import { alphanumeric } from '../../templates/draw/qr-tables.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const encoder = new QrEncoder()

/** The same text, version, level and mask by the package `qrcode`. */
function oracle(text: string, mode: 'alphanumeric' | 'byte', version: number, mask: number): Uint8Array {
  const segments = [mode === 'byte' ? { data: new TextEncoder().encode(text), mode } : { data: text, mode }]
  const options = { errorCorrectionLevel: 'M', version, maskPattern: mask } as QRCode.QRCodeOptions
  return Uint8Array.from(QRCode.create(segments as QRCode.QRCodeSegment[], options).modules.data)
}

describe('QrEncoder', () => {
  it('makes the same matrix as qrcode in every version up to 14 and with every mask', () => {
    const seen = new Set<number>()
    for (let length = 1; length <= 528; length += 13) {
      const text = Array.from({ length }, (_, i) => alphanumeric[(i * 7 + length) % 45]).join('')
      const mask = length % 8
      const { version, modules } = encoder.encode(text, mask)
      seen.add(version)
      expect(modules).toEqual(oracle(text, 'alphanumeric', version, mask))
    }
    expect([...seen]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  })

  it('writes any other text as UTF-8 bytes, as qrcode does', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 90, unit: 'grapheme' }),
        fc.integer({ min: 0, max: 7 }),
        (text, mask) => {
          fc.pre(!/^[0-9A-Z $%*+\-./:]*$/.test(text))
          const { version, modules } = encoder.encode(text, mask)
          expect(modules).toEqual(oracle(text, 'byte', version, mask))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes the longest text of version 14 and refuses one character more', () => {
    expect(encoder.encode('A'.repeat(528)).version).toBe(14)
    throwsWithCode(() => encoder.encode('A'.repeat(529)), 'QR_TEXT_TOO_LONG')
  })

  it('gives matrices that later ones do not change', () => {
    const first = encoder.encode('FIRST')
    const kept = first.modules.slice()
    encoder.encode('OTHER')
    expect(first.modules).toEqual(kept)
  })
})

describe('qrSvg', () => {
  it('draws every dark module inside a quiet zone of four', () => {
    const text = 'http://127.0.0.1:8080/h/abc'
    const { size, modules } = encoder.encode(text)
    const svg = qrSvg(text)
    expect(svg).toContain(`viewBox="0 0 ${size + 8} ${size + 8}"`)
    const drawn = new Uint8Array(size * size)
    for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let i = 0; i < Number(run); i++) drawn[(Number(y) - 4) * size + Number(x) - 4 + i] = 1
    }
    expect(drawn).toEqual(modules)
  })
})
