import pg from 'pg'

const toBytes = (text: string): Uint8Array => {
  const buffer = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
const asText = (text: string): string => text

/** Both engines give these; the drivers' own choices differ by engine and by size. Without a zone no Date is made. */
const SCALARS: Record<string, [oid: number, arrayOid: number, parse: (text: string) => unknown]> = {
  int8: [20, 1016, BigInt],
  date: [1082, 1182, asText],
  bytea: [17, 1001, toBytes],
  timestamp: [1114, 1115, asText],
}

const TEXT_ARRAY = 1009
const textArray = pg.types.getTypeParser(TEXT_ARRAY as 25, 'text') as unknown as (text: string) => unknown[]

function mapDeep(parse: (text: string) => unknown, element: unknown): unknown {
  if (Array.isArray(element)) return element.map((inner) => mapDeep(parse, inner))
  return element === null ? null : parse(element as string)
}

const parsers = new Map<number, (text: string) => unknown>()
for (const [oid, arrayOid, parse] of Object.values(SCALARS)) {
  parsers.set(oid, parse)
  parsers.set(arrayOid, (text) => mapDeep(parse, textArray(text)))
}

/** Type parsers for a pg.Pool: int8 → bigint, date → text, bytea → Uint8Array, timestamptz → Date, numeric → text. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format as 'text'),
}
