// How values become JSON and back. Bytes and long texts stand apart as parts, named by their digest; whoever reads believes no shape.
import type { JsonValue } from '../../licence-format/index.ts'
import { BundleError } from './errors.ts'

export interface PartWriter {
  /** Keeps a part once and gives its name: SHA-256, lower-case hex. */
  put(bytes: Uint8Array): Promise<string>
}

export interface PartReader {
  /** The part of this name. Throws BUNDLE_MALFORMED where there is none. */
  take(name: unknown): Uint8Array
}

export interface Codec<T> {
  write(value: T, parts: PartWriter): Promise<JsonValue | undefined>
  /** Throws BUNDLE_MALFORMED. */
  read(json: unknown, parts: PartReader): T
}

/** One codec for each member: a member that is added to the type and not here does not compile. */
export type Members<T> = { readonly [K in keyof T]-?: Codec<T[K]> }

const MOST_ITEMS = 65_536

export function malformed(what: string, cause?: unknown): BundleError {
  return new BundleError('BUNDLE_MALFORMED', what, { cause })
}

/** A plain object with string names; anything else is malformed. */
export function readObject(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed('expected an object')
  return json as Record<string, unknown>
}

function readList(json: unknown): readonly unknown[] {
  if (!Array.isArray(json) || json.length > MOST_ITEMS)
    throw malformed(`expected a list of at most ${MOST_ITEMS} items`)
  return json
}

/** Bytes as a part. */
export const bytes: Codec<Uint8Array> = {
  write: (value, parts) => parts.put(value),
  read: (json, parts) => parts.take(json),
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A text as a part, in UTF-8. */
export const textPart: Codec<string> = {
  write: (value, parts) => parts.put(new TextEncoder().encode(value)),
  read(json, parts) {
    try {
      return strictUtf8.decode(parts.take(json))
    } catch (error) {
      if (error instanceof BundleError) throw error
      throw malformed('expected a text in UTF-8', error)
    }
  },
}

/** A short text where it stands. Lone surrogates, which UTF-8 has no form for, become U+FFFD. */
export const text: Codec<string> = {
  write: async (value) => value.toWellFormed(),
  read(json) {
    if (typeof json !== 'string') throw malformed('expected a text')
    return json
  },
}

/** A whole number that JSON and JavaScript hold exactly. */
export const number: Codec<number> = {
  write: async (value) => value,
  read(json) {
    if (!Number.isSafeInteger(json)) throw malformed('expected a whole number')
    return json as number
  },
}

/** One of a few words. */
export const oneOf = <T extends string>(...words: readonly T[]): Codec<T> => ({
  write: async (value) => value,
  read(json) {
    const word = words.find((one) => one === json)
    if (word === undefined) throw malformed(`expected one of ${words.join(', ')}`)
    return word
  },
})

/** An instant, ISO 8601 in UTC with milliseconds. */
export const instant: Codec<Date> = {
  write: async (value) => value.toISOString(),
  read(json) {
    const time = new Date(typeof json === 'string' ? json : Number.NaN)
    // Of four digits: at the ends of what a Date holds no time of day can be told for another zone.
    if (Number.isNaN(time.getTime()) || time.toISOString() !== json || !/^\d{4}-/.test(json))
      throw malformed('expected a time, ISO 8601 in UTC')
    return time
  },
}

export const listOf = <T>(item: Codec<T>): Codec<readonly T[]> => ({
  async write(value, parts) {
    const items: JsonValue[] = []
    for (const one of value) items.push((await item.write(one, parts)) as JsonValue)
    return items
  },
  read: (json, parts) => readList(json).map((one) => item.read(one, parts)),
})

/** A map as pairs, in its order. */
export const mapOf = <T>(item: Codec<T>): Codec<ReadonlyMap<string, T>> => ({
  async write(value, parts) {
    const pairs: JsonValue[] = []
    for (const [name, one] of value) pairs.push([name.toWellFormed(), (await item.write(one, parts)) as JsonValue])
    return pairs
  },
  read(json, parts) {
    const map = new Map(
      readList(json).map((pair) => {
        const [name, one] = readList(pair)
        return [text.read(name, parts), item.read(one, parts)]
      }),
    )
    if (map.size !== (json as unknown[]).length) throw malformed('a name stands twice')
    return map
  },
})

export const nullable = <T>(codec: Codec<T>): Codec<T | null> => ({
  write: async (value, parts) => (value === null ? null : codec.write(value, parts)),
  read: (json, parts) => (json === null ? null : codec.read(json, parts)),
})

/** A member that may be left out. */
export const optional = <T>(codec: Codec<T>): Codec<T | undefined> => ({
  write: async (value, parts) => (value === undefined ? undefined : codec.write(value, parts)),
  read: (json, parts) => (json === undefined ? undefined : codec.read(json, parts)),
})

/** JSON as it stands, for what its own reader checks. */
export const anyJson: Codec<JsonValue> = {
  write: async (value) => toWellFormedJson(value),
  read: (json) => json as JsonValue,
}

/** An object with exactly these members. */
export function objectOf<T extends object>(members: Members<T>): Codec<T> {
  const table = Object.entries(members) as [string, Codec<unknown>][]
  return {
    async write(value, parts) {
      const written: Record<string, JsonValue> = {}
      for (const [name, codec] of table) {
        const json = await codec.write((value as Record<string, unknown>)[name], parts)
        if (json !== undefined) written[name] = json
      }
      return written
    },
    read(json, parts) {
      const object = readObject(json)
      const stranger = Object.keys(object).find((name) => !Object.hasOwn(members, name))
      if (stranger !== undefined) throw malformed('an object has a member that this version does not know')
      const entries = table.map(([name, codec]) => [name, codec.read(object[name], parts)] as const)
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as T
    },
  }
}

/** A copy as JSON has it: members without value left out, every text well-formed. */
export function toWellFormedJson(value: unknown): JsonValue {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? one.toWellFormed() : one)),
  ) as JsonValue
}
