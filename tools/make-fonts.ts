/**
 * Makes the committed faces in templates/fonts/faces from their public packages: layout tables dropped, hints dropped,
 * compressed with brotli, each beside its licence text. Run by hand; the result is committed.
 *
 *   node tools/make-fonts.ts NODE_MODULES_FOLDER [HanaMinB.ttf]
 *
 * NODE_MODULES_FOLDER holds `@expo-google-fonts/noto-sans-sc` and `@expo-google-fonts/noto-serif-sc`, both 0.4.3 (207 MB, so they
 * are no dependency of this package). HanaMinB.ttf is that of Debian's `fonts-hanazono`.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { createSubsetter } from '../test/support/harfbuzz-subset.ts'

const target = join(import.meta.dirname, '../templates/fonts/faces')

function* range(first: number, last: number): Generator<number> {
  for (let codePoint = first; codePoint <= last; codePoint++) yield codePoint
}

async function reduce(source: string, name: string, first: number, last: number): Promise<void> {
  const subsetter = await createSubsetter(await readFile(source))
  const reduced = subsetter.subset(range(first, last))
  const compressed = brotliCompressSync(reduced, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: reduced.length,
    },
  })
  await writeFile(join(target, `${name}.ttf.br`), compressed)
  process.stdout.write(`${name}: ${reduced.length} bytes, compressed ${compressed.length}\n`)
}

const [modules, hanazono] = process.argv.slice(2)
if (modules === undefined) throw new TypeError('say where the two font packages are installed')
const sans = join(modules, '@expo-google-fonts/noto-sans-sc')
const serif = join(modules, '@expo-google-fonts/noto-serif-sc')
await copyFile(join(sans, 'LICENSE_FONT'), join(target, 'NotoSansSC-OFL.txt'))
await copyFile(join(serif, 'LICENSE_FONT'), join(target, 'NotoSerifSC-OFL.txt'))
await reduce(join(sans, '400Regular/NotoSansSC_400Regular.ttf'), 'sans-regular', 0, 0x3ffff)
await reduce(join(sans, '700Bold/NotoSansSC_700Bold.ttf'), 'sans-bold', 0, 0x3ffff)
await reduce(join(serif, '400Regular/NotoSerifSC_400Regular.ttf'), 'serif-regular', 0, 0x3ffff)
await reduce(join(serif, '700Bold/NotoSerifSC_700Bold.ttf'), 'serif-bold', 0, 0x3ffff)
if (hanazono !== undefined) await reduce(hanazono, 'plane-2', 0x20000, 0x2a6df)
