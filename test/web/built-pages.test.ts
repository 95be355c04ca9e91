import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'

const dist = join(packageRoot, 'web', 'dist')
const pages = readdirSync(dist).filter((name) => name.endsWith('.html'))

describe('the built pages', () => {
  it.each(pages)('link the ground styles before those of components, which outweigh them: %s', (name) => {
    const html = readFileSync(join(dist, name), 'utf8')
    const links = [...html.matchAll(/<link rel="stylesheet"[^>]*href="\/assets\/([^"]+)"/g)].map(([, file]) => file!)
    expect(links[0]).toMatch(/^base-/)
    expect(links.filter((file) => file.startsWith('base-'))).toHaveLength(1)
  })
})

describe('the components', () => {
  it('put no space at the edge of an element, where the compiler drops it and sentences touch', () => {
    const components = readdirSync(join(packageRoot, 'web'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.vue'))
      .filter((name) => {
        const text = readFileSync(join(packageRoot, 'web', name), 'utf8')
        return /<[a-z][^<>]*[^/<>]> \{\{|\}\} <\//.test(text)
      })
    expect(components).toEqual([])
  })
})
