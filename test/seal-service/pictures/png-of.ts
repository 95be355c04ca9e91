// PNGs made by hand, right and wrong.
import { crc32, deflateSync } from 'node:zlib'

export interface MadePng {
  readonly width: number
  readonly height: number
  readonly colourType: number
  readonly depth: number
  /** One after the other, row by row. */
  readonly samples: readonly number[]
  readonly interlace?: number
  readonly palette?: readonly number[] | undefined
  /** In place of the samples. */
  readonly stream?: Uint8Array
}

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

export function pngOf(made: MadePng): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(made.width, 0)
  header.writeUInt32BE(made.height, 4)
  header.set([made.depth, made.colourType, 0, 0, made.interlace ?? 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(made.palette === undefined ? [] : [chunk('PLTE', Buffer.from(made.palette))]),
    chunk('IDAT', made.stream ?? deflateSync(rowsOf(made))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The filters take turns: each row by the next one's. */
function rowsOf({ width, height, colourType, depth, samples }: MadePng): Buffer {
  const perRow = width * samplesOf[colourType]!
  const back = Math.max(1, (depth * samplesOf[colourType]!) >> 3)
  let above: Uint8Array = Buffer.alloc(Math.ceil((perRow * depth) / 8))
  const rows: Uint8Array[] = []
  for (let y = 0; y < height; y++) {
    const row = pack(samples.slice(y * perRow, (y + 1) * perRow), depth)
    const filter = y % 5
    const filtered = row.map((octet, i) => {
      const [left, up, corner] = [i < back ? 0 : row[i - back]!, above[i]!, i < back ? 0 : above[i - back]!]
      const near = [left, up, corner].sort(
        (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
      )[0]!
      return octet - [0, left, up, (left + up) >> 1, near][filter]!
    })
    rows.push(Buffer.from([filter]), filtered)
    above = row
  }
  return Buffer.concat(rows)
}

function pack(samples: readonly number[], depth: number): Uint8Array {
  const row = Buffer.alloc(Math.ceil((samples.length * depth) / 8))
  samples.forEach((sample, i) => {
    if (depth === 16) row.writeUInt16BE(sample, 2 * i)
    else if (depth === 8) row[i] = sample
    else row[(i * depth) >> 3]! |= sample << (8 - depth - ((i * depth) & 7))
  })
  return row
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
