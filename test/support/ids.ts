import { createHash } from 'node:crypto'
import { serialFrom, uuidSource } from '../../platform/ids.ts'
import type { Ids } from '../../platform/index.ts'

/** Ids that are the same in every run with the same seed. */
export function testIds(seed = 'test', startMs = Date.UTC(2026, 10, 21)): Ids {
  let block = 0
  const bytes = (length: number): Uint8Array => {
    const parts: Buffer[] = []
    for (let have = 0; have < length; have += 32) parts.push(createHash('sha256').update(`${seed}/${block++}`).digest())
    return new Uint8Array(Buffer.concat(parts).subarray(0, length))
  }
  return { uuid: uuidSource(() => startMs, bytes), bytes, serial: (length) => serialFrom(bytes, length) }
}
