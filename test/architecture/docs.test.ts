import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { roomsTable } from '../../tools/make-architecture-docs.ts'
import { codesOf, errorPage, errorRooms } from '../../tools/make-error-docs.ts'
import { sourcesBelow } from './rooms.ts'

const pages = [
  ...readdirSync(packageRoot).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

describe('the documents', () => {
  it('link only to files that exist', () => {
    const broken = pages.flatMap((page) =>
      [...readFileSync(join(packageRoot, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map((match) => join(dirname(page), match[1] as string))
        .filter((target) => !existsSync(join(packageRoot, target)))
        .map((target) => `${page} → ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('show the table of rooms as the rooms test holds it', () => {
    expect(readFileSync(join(packageRoot, 'docs', 'architecture.md'), 'utf8')).toContain(roomsTable())
  })
})

describe('the error codes', () => {
  it('all stand in docs/errors.md as the rooms declare them', () => {
    expect(readFileSync(join(packageRoot, 'docs', 'errors.md'), 'utf8')).toBe(errorPage())
  })

  it('are all raised somewhere', () => {
    const tops = [...new Set(errorRooms.map((room) => room.split('/')[0] as string))]
    const sources = [...tops, 'bin']
      .flatMap((top) => sourcesBelow(packageRoot, top))
      .filter((file) => !/errors\.ts$|http\/problems\.ts$/.test(file))
      .map((file) => readFileSync(join(packageRoot, file), 'utf8'))
      .join('\n')
    expect(errorRooms.flatMap(codesOf).filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })
})
