// ZIP files byte by byte, so that tests can make the ones that no program writes.
import { crc32, deflateRawSync } from 'node:zlib'

type Content = string | Uint8Array | { readonly stored: Uint8Array; readonly says: number }

/**
 * @param mode Unix mode of every entry; a symbolic link is 0o120777
 * @param names how names are written: UTF-8 and said so, or as a Chinese Windows does without a word
 */
export function makeZip(
  files: Readonly<Record<string, Content>>,
  mode = 0o100644,
  names: 'utf-8' | 'gb18030' = 'utf-8',
): Uint8Array {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === 'object' && 'stored' in content
    const bytes = isRaw ? content.stored : Buffer.from(content as string)
    const packed = isRaw ? content.stored : deflateRawSync(bytes)
    const label = names === 'utf-8' ? Buffer.from(name) : toGb18030(name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(names === 'utf-8' ? 0x0800 : 0, 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(bytes), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(isRaw ? content.says : bytes.length, 18)
    fields.writeUInt16LE(label.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, label, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, tail, label]))
    bodies.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, entries, end])
}

/** Of two octets each, as GBK has the characters that people are called by. */
function toGb18030(text: string): Buffer {
  const octets = new Map<string, Buffer>()
  const decoder = new TextDecoder('gb18030')
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const pair = Buffer.of(lead, trail)
      octets.set(decoder.decode(pair), pair)
    }
  return Buffer.concat([...text].map((character) => octets.get(character) ?? Buffer.from(character, 'ascii')))
}
