// However a request is made up, the answer that tells its faults stays small and soon done.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createApp, type Listening, listen, parseJson, publicRoute, validate } from '../../../platform/http/index.ts'
import { parseMember } from '../../../platform/http/json-member.ts'
import { type Fault, systemIds, TrustServiceError } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'

const MIB = 1 << 20
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const faultsOf = (work: () => unknown): readonly Fault[] => {
  try {
    work()
  } catch (error) {
    if (error instanceof TrustServiceError && error.code === 'REQUEST_INVALID') return error.faults ?? []
    throw error
  }
  throw new Error('it was not refused')
}
const lengthOf = (faults: readonly Fault[]): number => JSON.stringify(faults).length
const many = (value: string, count: number): string => Array.from({ length: count }, () => value).join(',')

describe('the faults of a body', () => {
  const name = 'A'.repeat(MIB)

  it.each([
    ['numbers beyond numbers', '9e999'],
    ['texts with NUL', '"\\u0000"'],
    ['members named __proto__', '{"__proto__":1}'],
  ])('are a hundred at most for thousands of %s, and the long name above them is cut', (_what, value) => {
    const faults = faultsOf(() => parseJson(bytesOf(`{"${name}":[${many(value, 9_000)}]}`)))
    expect(faults).toHaveLength(100)
    expect(faults[1]!.pointer).toMatch(/^\/A{100}…\/1(\/__proto__)?$/)
    expect(lengthOf(faults)).toBeLessThan(30_000)
  })

  it('cut the long name above members that stand twice', () => {
    const faults = faultsOf(() => parseJson(bytesOf(`{"${name}":{${many('"a":1', 9_000)}}}`)))
    expect(faults).toHaveLength(100)
    expect(lengthOf(faults)).toBeLessThan(30_000)
  })

  it('cut a name without leaving half a character', () => {
    const [fault] = faultsOf(() => parseJson(bytesOf(`{"${'A'.repeat(99)}😀${name}":9e999}`)))
    expect(fault!.pointer.isWellFormed()).toBe(true)
    expect(fault!.pointer.length).toBe(102)
  })

  it('are a hundred at most where members are not expected or values do not fit a schema', () => {
    const check = validate(z.record(z.string(), z.strictObject({ one: z.int().optional() })))
    const strange = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`x${n}`, 1]))
    const unknown = faultsOf(() => check({ [name]: strange }))
    expect(unknown).toHaveLength(100)
    expect(lengthOf(unknown)).toBeLessThan(40_000)
    const wrong = faultsOf(() => validate(z.record(z.string(), z.array(z.int())))({ [name]: Array(9_000).fill('x') }))
    expect(wrong).toHaveLength(100)
    expect(lengthOf(wrong)).toBeLessThan(40_000)
  })

  it('of millions of values are told without a list of them', () => {
    const body = bytesOf(`[${'0,'.repeat(8_000_000)}0]`)
    global.gc?.()
    const before = process.memoryUsage().heapUsed
    expect(faultsOf(() => parseJson(body))).toEqual([])
    // The array itself takes eight bytes a value, a list of pairs about a hundred.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400 * MIB)
  })
})

describe('the answer with faults', () => {
  const routeOf = (path: string, faults: readonly Fault[]) =>
    publicRoute({
      ...{ method: 'get', path, permission: 'public', summary: 'Refuses' },
      answers: { 200: { description: 'never' } },
      handle: () => {
        throw new TrustServiceError('THING_BAD', 'bad', { faults })
      },
    })
  const fault = (detail: Fault['detail']): Fault => ({ pointer: '/a', code: 'BAD', detail })
  let server: Listening
  beforeAll(async () => {
    const routes = [
      routeOf('/many', Array(50_000).fill(fault('x'))),
      routeOf('/long', Array(50).fill(fault({ zh: '字'.repeat(5_000), en: 'w'.repeat(5_000) }))),
      routeOf('/group', Array(200).fill(fault('refused for a reason that takes a sentence to be told'))),
    ]
    const problems = { THING_BAD: { status: 409, title: 'Bad' } }
    const app = createApp({
      routeSets: [{ routes, problems }],
      ...{ ids: systemIds, log: testLog().log, baseUrl: 'http://x', isProduction: false },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => server.stop())

  it.each([
    ['/many', 1_000],
    ['/long', 6],
    ['/group', 200],
  ])('holds the first of them, within bounds of number and length: %s', async (path, count) => {
    const text = await (await fetch(server.url + path)).text()
    expect(JSON.parse(text)).toMatchObject({ code: 'THING_BAD' })
    expect(JSON.parse(text).errors).toHaveLength(count)
    expect(text.length).toBeLessThan(100_000)
  })
})

describe('parseMember', () => {
  const read = (text: string, name = 'head') => parseMember(bytesOf(text), name)

  it.each([
    ['first', '{"head":{"a":[1,"}"]},"data":1}', { a: [1, '}'] }],
    ['last', '{ "data" : { "head" : 1, "x" : ["{", "\\"head\\":"] } , "head" : "k" }', 'k'],
    ['escaped', '{"\\u0068ead":7}', 7],
    ['before what is no JSON at all', '{"head":[1], nothing', [1]],
  ])('reads one that stands %s, and nothing beside it', (_where, text, value) => {
    expect(read(text)).toEqual(value)
  })

  it.each([
    '',
    '[]',
    '["head",1]',
    '"head"',
    '{}',
    '{"data":{"head":1}}',
    '{"data":"head"}',
    '{"a":["head",1]}',
    '{"head',
    '{"head"',
    ']',
    '}{"head":1}',
  ])('finds none in %s', (text) => {
    expect(read(text)).toBeUndefined()
  })

  it('refuses one that is no JSON, not UTF-8, unfit or very long', () => {
    expect(() => read('{"head":{]}')).toThrow(expect.objectContaining({ code: 'REQUEST_BODY_NOT_JSON' }))
    expect(() => parseMember(Uint8Array.of(0x7b, 0xff), 'head')).toThrow(
      expect.objectContaining({ code: 'REQUEST_BODY_NOT_JSON' }),
    )
    expect(() => read('{"head":"\\u0000"}')).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
    expect(() => read(`{"head":"${'x'.repeat(20_000)}"}`)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
  })
})
