// zlib (RFC 1950) through the streams that Node and browsers share; inflating stops at a limit, whatever the input claims.

/** zlib stream of `bytes`. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await collect(bytes, new CompressionStream('deflate'), Number.MAX_SAFE_INTEGER)
  return packed!
}

/** What a zlib stream holds, or `undefined` where it is damaged or holds more than `limit` bytes. */
export async function inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await collect(bytes, new DecompressionStream('deflate'), limit)
  } catch (error) {
    if (error instanceof TypeError || (error as { code?: string }).code?.startsWith('Z_')) return undefined
    throw error
  }
}

async function collect(
  bytes: Uint8Array,
  transform: CompressionStream | DecompressionStream,
  limit: number,
): Promise<Uint8Array | undefined> {
  const writer = transform.writable.getWriter()
  const writing = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close())
  writing.catch(() => {}) // the reader reports the same fault
  const reader = (transform.readable as ReadableStream<Uint8Array>).getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  return join(chunks, length)
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
