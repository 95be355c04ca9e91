import { describe, expect, it } from 'vitest'
import { Budget, defaultLimits, type ReadLimits } from '../../pades/limits.ts'
import type { PdfValue } from '../../pades/objects.ts'
import { SyntaxReader } from '../../pades/syntax.ts'

function read(text: string, limits: Partial<ReadLimits> = {}): PdfValue {
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'))
  return new SyntaxReader(bytes, 0, bytes.length, new Budget({ ...defaultLimits, ...limits })).readValue()
}

const items = (text: string): readonly PdfValue[] => {
  const value = read(text)
  return typeof value === 'object' && value?.kind === 'array' ? value.items : []
}

const bytesOf = (text: string): string => {
  const value = read(text)
  return typeof value === 'object' && value?.kind === 'string' ? Buffer.from(value.bytes).toString('latin1') : '(none)'
}

const code = (text: string, limits?: Partial<ReadLimits>): string => {
  try {
    return JSON.stringify(read(text, limits))
  } catch (error) {
    return (error as { code: string }).code
  }
}

const reference = (number: number, generation = 0) => ({ kind: 'reference', number, generation })

describe('arrays', () => {
  it('take the last two unsigned integers before an R for a reference, and no others', () => {
    expect(items('[1 2 3 R 4 0 R 5]')).toEqual([1, reference(2, 3), reference(4), 5])
    expect(items('[7 %comment\n0%\nR[1]2 0 R]')).toEqual([reference(7), { kind: 'array', items: [1] }, reference(2)])
  })

  it('refuse an R behind anything else', () => {
    for (const text of [
      '[R]',
      '[1 R]',
      '[+1 0 R]',
      '[1 0.0 R]',
      '[1 0 R R]',
      '[1 0 R 2 R]',
      '[1[0]R]',
      '[1 [2] 0 R]',
      '[1 0 Rx]',
      '[0 0 R]',
      '[8388608 0 R]',
      '[1 65536 R]',
    ])
      expect([text, code(text)]).toEqual([text, 'PADES_MALFORMED'])
  })

  it('count every value, however many and however small', () => {
    for (const one of ['1 ', '1. ', '/a', '()', '<>', '[]', '<<>>', 'null ', '1 0 R '])
      expect([one, code(`[${one.repeat(101)}]`, { values: 100 })]).toEqual([one, 'PADES_LIMIT_EXCEEDED'])
  })

  it('hold only so many values with all that is inside them, each object counted for itself', () => {
    for (const one of ['1 ', '/a', '()', '[1]', '<</a 1>>', '1 0 R '])
      expect([one, code(`[[${one.repeat(60)}] [${one.repeat(60)}]]`, { objectValues: 100 })]).toEqual([
        one,
        'PADES_LIMIT_EXCEEDED',
      ])
    const bytes = new Uint8Array(Buffer.from('[1 2 3] [4 5 6] 7 8 9 [1 2 3]'))
    const reader = new SyntaxReader(bytes, 0, bytes.length, new Budget({ ...defaultLimits, objectValues: 3 }))
    for (let object = 0; object < 6; object++) reader.readValue()
    expect(reader.position).toBe(bytes.length)
  })
})

describe('dictionaries', () => {
  it('leave out what is null and refuse a key given twice, null or not', () => {
    expect(read('<</a null/b 1>>')).toEqual({ kind: 'dictionary', entries: new Map([['b', 1]]) })
    for (const text of ['<</a 1/a 2>>', '<</a null/a 1>>', '<</a 1/a null>>', '<</a null/a null>>', '<</a 1/#61 2>>'])
      expect([text, code(text)]).toEqual([text, 'PADES_DUPLICATE_KEY'])
  })
})

describe('strings', () => {
  it('resolve escapes, line ends and brackets inside each other (ISO 32000-2, 7.3.4.2)', () => {
    expect(bytesOf('(a(b)\\)\\(c)')).toBe('a(b))(c')
    expect(bytesOf('(\\n\\r\\t\\b\\f\\\\\\q)')).toBe('\n\r\t\b\f\\q')
    expect(bytesOf('(\\0\\12\\1234\\777\\8)')).toBe('\0\nS4\xff8')
    expect(bytesOf('(a\\\r\nb\\\nc\\\rd\r\ne\rf\ng)')).toBe('abcd\ne\nf\ng')
  })

  it('take white space between hex digits and a missing last one for 0 (7.3.4.3)', () => {
    expect(bytesOf('<4 1\n42 5>')).toBe('ABP')
    expect(bytesOf('<>')).toBe('')
    expect(bytesOf('<41\t4a4A>')).toBe('AJJ')
  })

  it('refuse what does not end and what is no digit', () => {
    for (const text of ['(a', '(a\\)', '(a(b)', '<41', '<4g>', '<4(>'])
      expect([text, code(text)]).toEqual([text, 'PADES_MALFORMED'])
  })
})

describe('numbers', () => {
  it('have the value that their text says, and keep a real number as it was written', () => {
    for (const text of ['1.5', '.5', '5.', '-0.1', '+3.14159', '123456789.123456', '0.1234567890123456789', '1.25'])
      expect(read(text)).toEqual({ kind: 'real', value: Number(text), text })
    expect(['+1', '-2', '9007199254740991', '-9007199254740991', '00012'].map((text) => read(text))).toEqual([
      1, -2, 9007199254740991, -9007199254740991, 12,
    ])
  })

  it('are refused in other forms and beyond what is exact', () => {
    for (const text of ['.', '+', '1..2', '1-2', '1e5', '--1', '9007199254740993', '1'.repeat(65)])
      expect([text, code(text)]).toEqual([text, 'PADES_MALFORMED'])
  })
})
