/**
 * An ICC profile of the sRGB colour space (IEC 61966-2-1), made here from the standard's own numbers: ICC.1:2001-04 (version 2.1),
 * display class, matrix and tone curve, primaries adapted to D50. No other profile's bytes are in it.
 */
const curvePoints = 1024

/** XYZ of the D50-adapted sRGB primaries and of the white points, as s15Fixed16 (ICC.1 §6.1.5). */
const primaries = {
  rXYZ: [0.436066, 0.222488, 0.013916],
  gXYZ: [0.385147, 0.716873, 0.097076],
  bXYZ: [0.143066, 0.060608, 0.714096],
}
const d50 = [0.9642, 1, 0.8249]

function toneCurve(): Uint8Array {
  const bytes = new Uint8Array(12 + 2 * curvePoints)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x63757276)
  view.setUint32(8, curvePoints)
  for (let i = 0; i < curvePoints; i++) {
    const v = i / (curvePoints - 1)
    const linear = v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    view.setUint16(12 + 2 * i, Math.round(65535 * linear))
  }
  return bytes
}

function xyz(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(20)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x58595a20)
  for (const [i, value] of values.entries()) view.setInt32(8 + 4 * i, Math.round(value * 65536))
  return bytes
}

function textTag(text: string): Uint8Array {
  const bytes = new Uint8Array(8 + text.length + 1)
  bytes.set(new TextEncoder().encode('text'))
  bytes.set(new TextEncoder().encode(text), 8)
  return bytes
}

/** textDescriptionType: ASCII, no Unicode, an empty Macintosh part of 67 bytes (ICC.1:2001-04 §6.5.17). */
function description(text: string): Uint8Array {
  const bytes = new Uint8Array(12 + text.length + 1 + 8 + 3 + 67)
  bytes.set(new TextEncoder().encode('desc'))
  new DataView(bytes.buffer).setUint32(8, text.length + 1)
  bytes.set(new TextEncoder().encode(text), 12)
  return bytes
}

/** The profile's bytes, always the same. */
export function srgbProfile(): Uint8Array {
  const curve = toneCurve()
  const tags: [string, Uint8Array][] = [
    ['desc', description('sRGB IEC61966-2.1')],
    ['cprt', textTag('Made for Zhengyin, no rights reserved')],
    ['wtpt', xyz(d50)],
    ['rXYZ', xyz(primaries.rXYZ)],
    ['gXYZ', xyz(primaries.gXYZ)],
    ['bXYZ', xyz(primaries.bXYZ)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]
  const places = new Map<Uint8Array, number>()
  let size = 128 + 4 + 12 * tags.length
  for (const [, data] of tags) {
    if (places.has(data)) continue
    places.set(data, size)
    size += (data.length + 3) & ~3
  }
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  writeHeader(bytes, view, size)
  view.setUint32(128, tags.length)
  for (const [i, [tag, data]] of tags.entries()) {
    bytes.set(new TextEncoder().encode(tag), 132 + 12 * i)
    view.setUint32(136 + 12 * i, places.get(data)!)
    view.setUint32(140 + 12 * i, data.length)
    bytes.set(data, places.get(data)!)
  }
  return bytes
}

function writeHeader(bytes: Uint8Array, view: DataView, size: number): void {
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at)
  view.setUint32(0, size)
  view.setUint32(8, 0x02100000)
  put(12, 'mntrRGB XYZ ')
  for (const [i, part] of [2026, 1, 1, 0, 0, 0].entries()) view.setUint16(24 + 2 * i, part)
  put(36, 'acsp')
  for (const [i, value] of d50.entries()) view.setInt32(68 + 4 * i, Math.round(value * 65536))
}
