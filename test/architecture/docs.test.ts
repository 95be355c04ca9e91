import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { roomsTable } from '../../tools/make-architecture-docs.ts'

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
