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
