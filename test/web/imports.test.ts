import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'

const web = join(packageRoot, 'web')

/** What each file of a folder of the pages imports: paths from the repository's root, or names of packages. */
function importsOf(folder: string): { readonly file: string; readonly target: string }[] {
  return readdirSync(join(web, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue)$/.test(name))
    .flatMap((name) => {
      const file = join(web, folder, name)
      const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport |\bimport\()'([^'\n]+)'/g)
      return [...found].map(([, target]) => ({
        file: relative(packageRoot, file),
        target: target!.startsWith('.') ? relative(packageRoot, join(dirname(file), target!)) : target!,
      }))
    })
}

const strangers = (folder: string, allowed: RegExp) =>
  importsOf(folder).filter(({ target }) => !target.startsWith(`web/${folder}/`) && !allowed.test(target))

describe('imports of the pages', () => {
  it('let the public page reach the verifier and the formats by their doors, and no other room', () => {
    const allowed = /^(web\/kit\/.*|verifier\/index\.ts|licence-format\/index\.ts|vue|zxing-wasm\/reader(\/.*)?)$/
    expect(importsOf('verify').length).toBeGreaterThan(30)
    expect(strangers('verify', allowed)).toEqual([])
  })

  it('let the other pages reach no room at all', () => {
    for (const folder of ['kit', 'home', 'issuer', 'holder', 'wallet'])
      expect(strangers(folder, /^(web\/kit\/.*|vue|pdfjs-dist(\/.*)?)$/)).toEqual([])
  })
})
