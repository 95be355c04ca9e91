/**
 * Makes the committed faces in templates/fonts/faces from their public packages: layout tables dropped, hints dropped,
 * compressed with brotli, each beside its licence text. Run by hand; the result is committed.
 *
 *   node tools/make-fonts.ts NODE_MODULES_FOLDER|- [HanaMinB.ttf]        (-: only the plane-2 face)
 *
 * HarfBuzz cannot subset the plane-2 face whole (its wasm runs out of room), so that one is put together here from the face's own glyph
 * records: they are copied, not changed, under a name of our own.
 *
 * NODE_MODULES_FOLDER holds `@expo-google-fonts/noto-sans-sc` and `@expo-google-fonts/noto-serif-sc`, both 0.4.3 (207 MB, so they
 * are no dependency of this package). HanaMinB.ttf is that of Debian's `fonts-hanazono`.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { openFace } from '../templates/fonts/face.ts'
import { readTables } from '../templates/fonts/sfnt.ts'
import { createSubsetter } from '../test/support/harfbuzz-subset.ts'

const target = join(import.meta.dirname, '../templates/fonts/faces')

function* range(first: number, last: number): Generator<number> {
  for (let codePoint = first; codePoint <= last; codePoint++) yield codePoint
}

async function writeCompressed(name: string, ttf: Uint8Array): Promise<void> {
  const compressed = brotliCompressSync(ttf, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: ttf.length,
    },
  })
  await writeFile(join(target, `${name}.ttf.br`), compressed)
  process.stdout.write(`${name}: ${ttf.length} bytes, compressed ${compressed.length}\n`)
}

async function reduce(source: string, name: string): Promise<void> {
  const subsetter = await createSubsetter(await readFile(source))
  await writeCompressed(name, subsetter.subset(range(0, 0x3ffff)))
}

/** A TrueType file of one range's characters, glyph for glyph as the face has them. */
async function gather(source: string, first: number, last: number): Promise<Uint8Array> {
  const ttf = await readFile(source)
  const face = openFace('plane-2', ttf)
  const codePoints = [...range(first, last)].filter((codePoint) => face.glyphOf(codePoint) !== 0)
  const records = [face.record(0), ...codePoints.map((codePoint) => face.record(face.glyphOf(codePoint)))]
  const sourceTables = readTables(ttf)
  const os2 = sourceTables.get('OS/2')!
  const offsets = [0]
  for (const { bytes } of records) offsets.push(offsets.at(-1)! + bytes.length)
  const head = face.tables.head.slice()
  const hhea = face.tables.hhea.slice()
  const maxp = face.tables.maxp.slice()
  new DataView(head.buffer).setInt16(50, 1)
  new DataView(hhea.buffer).setUint16(34, records.length)
  new DataView(maxp.buffer).setUint16(4, records.length)
  return assemble([
    ['OS/2', ttf.subarray(os2.offset, os2.offset + os2.length)],
    ['cmap', characterMap(codePoints)],
    ['glyf', Buffer.concat(records.map(({ bytes }) => bytes))],
    ['head', head],
    ['hhea', hhea],
    ['hmtx', words16(records.flatMap(({ advance, leftSideBearing }) => [advance, leftSideBearing & 0xffff]))],
    ['loca', words32(offsets)],
    ['maxp', maxp],
    ['name', nameTable('ZhengyinPlane2')],
  ])
}

function words16(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i)
  return bytes
}

function words32(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i)
  return bytes
}

/** Format 12, glyphs 1, 2 … in the order of the code points. */
function characterMap(codePoints: readonly number[]): Uint8Array {
  const groups: number[] = []
  for (const [i, codePoint] of codePoints.entries()) {
    if (i > 0 && codePoint === codePoints[i - 1]! + 1) groups[groups.length - 2] = codePoint
    else groups.push(codePoint, codePoint, i + 1)
  }
  const length = 16 + 4 * groups.length
  return Buffer.concat([
    words16([0, 1, 3, 10]),
    words32([12]),
    words16([12, 0]),
    words32([length, 0, groups.length / 3, ...groups]),
  ])
}

function nameTable(postScriptName: string): Uint8Array {
  const text = words16([...postScriptName].map((c) => c.charCodeAt(0)))
  return Buffer.concat([words16([0, 1, 18, 3, 1, 0x409, 6, text.length, 0]), text])
}

/** Tables behind a directory; checksums are left 0, since nothing reads them before the face is subset. */
function assemble(tables: readonly (readonly [tag: string, bytes: Uint8Array])[]): Uint8Array {
  const directory = Buffer.alloc(12 + 16 * tables.length)
  directory.writeUInt32BE(0x00010000, 0)
  directory.writeUInt16BE(tables.length, 4)
  const parts: Uint8Array[] = [directory]
  let offset = directory.length
  for (const [i, [tag, bytes]] of tables.entries()) {
    const entry = 12 + 16 * i
    directory.write(tag, entry, 'latin1')
    directory.writeUInt32BE(offset, entry + 8)
    directory.writeUInt32BE(bytes.length, entry + 12)
    const padding = -bytes.length & 3
    parts.push(bytes, new Uint8Array(padding))
    offset += bytes.length + padding
  }
  return Buffer.concat(parts)
}

const [modules, hanazono] = process.argv.slice(2)
if (modules === undefined) throw new TypeError('say where the two font packages are installed')
if (modules !== '-') {
  const sans = join(modules, '@expo-google-fonts/noto-sans-sc')
  const serif = join(modules, '@expo-google-fonts/noto-serif-sc')
  await copyFile(join(sans, 'LICENSE_FONT'), join(target, 'NotoSansSC-OFL.txt'))
  await copyFile(join(serif, 'LICENSE_FONT'), join(target, 'NotoSerifSC-OFL.txt'))
  await reduce(join(sans, '400Regular/NotoSansSC_400Regular.ttf'), 'sans-regular')
  await reduce(join(sans, '700Bold/NotoSansSC_700Bold.ttf'), 'sans-bold')
  await reduce(join(serif, '400Regular/NotoSerifSC_400Regular.ttf'), 'serif-regular')
  await reduce(join(serif, '700Bold/NotoSerifSC_700Bold.ttf'), 'serif-bold')
}
if (hanazono !== undefined) await writeCompressed('plane-2', await gather(hanazono, 0x20000, 0x2ffff))
