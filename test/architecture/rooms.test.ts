import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { findCycle, roomOf, rooms, sourcesBelow, violationsIn } from './rooms.ts'

const tops = [...new Set(Object.keys(rooms).map((room) => room.split('/')[0] as string))].filter((top) =>
  existsSync(join(packageRoot, top)),
)
const sources = tops.flatMap((top) => sourcesBelow(packageRoot, top))
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8')

describe('the rooms', () => {
  it('import only what the table allows, through front doors', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.flatMap((file) => violationsIn(file, read(file)))).toEqual([])
  })

  it('catch a planted violation of each kind', () => {
    const why = (file: string, source: string) => violationsIn(file, source).map((violation) => violation.why)
    expect(why('pki/planted.ts', `import type { Seal } from '../seal-service/index.ts'`)).toEqual([
      'pki may not import seal-service',
    ])
    expect(why('licence-service/domain/planted.ts', `import { x } from '../../templates/render.ts'`)).toEqual([
      'enters past the front door',
    ])
    expect(why('verifier/checks/planted.ts', `import { readFile } from 'node:fs/promises'`)).toEqual([
      'must run in a browser',
    ])
    expect(why('seal-service/planted.ts', `import forge from 'node-forge'`)).toEqual([
      'node-forge does not live in seal-service',
    ])
    expect(why('platform/planted.ts', `export * from '../directory/index.ts'`)).toEqual([
      'platform may not import directory',
    ])
    expect(why('templates/planted.ts', `const late = await import('../test/support/clock.ts')`)).toEqual([
      'leaves the house',
    ])
  })

  it('have no cycle of imports', () => {
    expect(findCycle(packageRoot, sources)).toBeUndefined()
  })

  it('read the environment in platform/config.ts alone', () => {
    expect(sources.filter((file) => file !== 'platform/config.ts' && /process\.env\b/.test(read(file)))).toEqual([])
  })

  it('take time and chance from platform/clock.ts and platform/ids.ts alone', () => {
    const own = ['platform/clock.ts', 'platform/ids.ts']
    const asks = /new Date\(\)|Date\.now\(\)|Math\.random\(\)/
    expect(sources.filter((file) => !own.includes(file) && asks.test(read(file)))).toEqual([])
  })

  it('keep Buffer out of the rooms that run in a browser', () => {
    const browser = sources.filter((file) =>
      ['pki', 'pades/read', 'licence-format', 'verifier'].includes(roomOf(file) as string),
    )
    expect(browser.filter((file) => file !== 'pki/primitives-node.ts' && /\bBuffer\b/.test(read(file)))).toEqual([])
  })

  it('speak SQL in store folders and the database plumbing alone', () => {
    const sql = /\b(select\s+[\w*,\s]+\s+from|insert\s+into|update\s+\w+(\.\w+)?\s+set|delete\s+from)\b/i
    const outside = sources.filter((file) => !/\/store\/|^platform\/db\//.test(file))
    expect(outside.filter((file) => sql.test(read(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')))).toEqual([])
  })

  it('look nothing foreign up in an object, which would answer to `constructor`, where files are read', () => {
    const readers = ['pades/', 'verifier/', 'licence-format/', 'templates/']
    // A table by known names has their type; one by any text is a Map, or made without a prototype.
    const table = /^(?:export )?const \w+: (?:Readonly<)?Record<string, .*= \{/m
    const reading = sources.filter((file) => readers.some((room) => file.startsWith(room)))
    expect(reading.length).toBeGreaterThan(100)
    expect(reading.filter((file) => table.test(read(file)))).toEqual([])
  })

  it('keep business words out of platform', () => {
    const business = /\b(licence|seal|holder|certificate authority|statement key)\b/i
    const platform = sources.filter((file) => file.startsWith('platform/'))
    expect(platform.filter((file) => business.test(read(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')))).toEqual([])
  })

  it('hold no file over 400 lines without a reason at its head', () => {
    const everything = [
      ...sources,
      ...['test', 'bench', 'tools', 'web']
        .filter((top) => existsSync(join(packageRoot, top)))
        .flatMap((top) => sourcesBelow(packageRoot, top)),
    ]
    const long = everything.filter((file) => read(file).split('\n').length > 401)
    expect(long.filter((file) => !/over 400 lines because/i.test(read(file).slice(0, 1500)))).toEqual([])
  })

  it('run under Node 24', () => {
    expect(process.versions.node.split('.')[0]).toBe('24')
  })
})
