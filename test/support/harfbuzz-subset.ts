/** HarfBuzz's own subsetter (harfbuzzjs' wasm): makes the committed faces and is the oracle of the direct font writer in tests. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

type Exports = Record<string, (...args: number[]) => number> & { memory: WebAssembly.Memory }

const layoutTables = [
  'GSUB',
  'GPOS',
  'GDEF',
  'BASE',
  'VORG',
  'STAT',
  'DSIG',
  'vhea',
  'vmtx',
  'JSTF',
  'MATH',
  'VDMX',
  'gasp',
  'meta',
]
const flagNoHinting = 0x1
const flagNotdefOutline = 0x40
const flagNoLayoutClosure = 0x200
const dropTableSet = 3

export interface Subsetter {
  /** A complete TrueType file with only these characters, as far as the face has them, and .notdef. */
  subset(codePoints: Iterable<number>): Uint8Array
}

/** One wasm instance per face: its memory grows but never shrinks, and a shared one runs out after a few big fonts. */
export async function createSubsetter(ttf: Uint8Array): Promise<Subsetter> {
  const path = createRequire(import.meta.url).resolve('harfbuzzjs/dist/harfbuzz-subset.wasm')
  const wasm = await WebAssembly.compile(await readFile(path))
  const hb = (await WebAssembly.instantiate(wasm)).exports as unknown as Exports
  hb._initialize!()
  const place = hb.malloc!(ttf.byteLength)
  new Uint8Array(hb.memory.buffer).set(ttf, place)
  const face = hb.hb_face_create!(hb.hb_blob_create!(place, ttf.byteLength, 2, 0, 0), 0)
  return {
    subset(codePoints) {
      const input = hb.hb_subset_input_create_or_fail!()
      hb.hb_subset_input_set_flags!(input, flagNoHinting | flagNotdefOutline | flagNoLayoutClosure)
      const wanted = hb.hb_subset_input_unicode_set!(input)
      for (const c of codePoints) hb.hb_set_add!(wanted, c)
      const dropped = hb.hb_subset_input_set!(input, dropTableSet)
      for (const tag of layoutTables)
        hb.hb_set_add!(
          dropped,
          [...tag].reduce((a, c) => (a << 8) + c.charCodeAt(0), 0),
        )
      const subset = hb.hb_subset_or_fail!(face, input)
      hb.hb_subset_input_destroy!(input)
      if (subset === 0) throw new Error('HarfBuzz could not subset the face')
      const blob = hb.hb_face_reference_blob!(subset)
      const from = hb.hb_blob_get_data!(blob, 0)
      const bytes = new Uint8Array(hb.memory.buffer).slice(from, from + hb.hb_blob_get_length!(blob))
      hb.hb_blob_destroy!(blob)
      hb.hb_face_destroy!(subset)
      return bytes
    },
  }
}
