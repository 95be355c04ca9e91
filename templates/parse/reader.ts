// Readers of JSON that nobody vouches for: each gives back what it read, anew, or reports what is wrong with it and gives undefined.
import { step } from '../validate/fault.ts'
import type { Report } from './fault.ts'

export type Reader<T> = (value: unknown, at: string, report: Report) => T | undefined

type Shape = Readonly<Record<string, Reader<unknown>>>
type Read<R> = R extends Reader<infer T> ? T : never
type Members<Must extends Shape, May extends Shape> = { readonly [K in keyof Must]: Read<Must[K]> } & {
  readonly [K in keyof May]?: Read<May[K]>
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with exactly these members: all of `must`, any of `may`. */
export function object<const Must extends Shape, const May extends Shape>(
  must: Must,
  may: May,
): Reader<Members<Must, May>> {
  const known = Object.entries({ ...must, ...may })
  const names = new Set(known.map(([name]) => name))
  return (value, at, report) => {
    if (!isObject(value)) return void report(at, 'OF_WRONG_KIND', 'an object')
    for (const name of Object.keys(value)) if (!names.has(name)) report(step(at, name), 'MEMBER_UNKNOWN')
    const members: Record<string, unknown> = {}
    for (const [name, read] of known) {
      if (!Object.hasOwn(value, name)) {
        if (Object.hasOwn(must, name)) report(step(at, name), 'MEMBER_MISSING')
        continue
      }
      const member = read(value[name], step(at, name), report)
      if (member !== undefined) members[name] = member
    }
    return members as Members<Must, May>
  }
}

export function list<T>(read: Reader<T>, { least = 0, most }: { least?: number; most: number }): Reader<readonly T[]> {
  return (value, at, report) => {
    if (!Array.isArray(value)) return void report(at, 'OF_WRONG_KIND', 'a list')
    if (value.length < least) return void report(at, 'TOO_FEW', String(least))
    if (value.length > most) return void report(at, 'TOO_MANY', String(most))
    const items: T[] = []
    for (const [i, item] of value.entries()) {
      const one = read(item, step(at, i), report)
      if (one !== undefined) items.push(one)
    }
    return items
  }
}

/** Values under names that are not known beforehand. */
export function record<T>(name: RegExp, read: Reader<T>, most: number): Reader<Readonly<Record<string, T>>> {
  return (value, at, report) => {
    if (!isObject(value)) return void report(at, 'OF_WRONG_KIND', 'an object')
    const entries = Object.entries(value)
    if (entries.length > most) return void report(at, 'TOO_MANY', String(most))
    const members: [string, T][] = []
    for (const [key, item] of entries) {
      if (!name.test(key)) {
        report(step(at, key), 'CHARACTER_NOT_ALLOWED')
        continue
      }
      const one = read(item, step(at, key), report)
      if (one !== undefined) members.push([key, one])
    }
    return Object.fromEntries(members)
  }
}

export function number(least: number, most: number): Reader<number> {
  return (value, at, report) => {
    if (typeof value !== 'number') return void report(at, 'OF_WRONG_KIND', 'a number')
    if (!(value >= least && value <= most)) return void report(at, 'OUT_OF_RANGE', `${least} – ${most}`)
    return value
  }
}

export function whole(least: number, most: number): Reader<number> {
  const read = number(least, most)
  return (value, at, report) => {
    const one = read(value, at, report)
    if (one === undefined || Number.isInteger(one)) return one
    return void report(at, 'OF_WRONG_KIND', 'a whole number')
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/

/** Text without control characters, but for line breaks where they may be. */
export function text(
  most: number,
  { pattern, lines = false, least = 1 }: { pattern?: RegExp; lines?: boolean; least?: number } = {},
): Reader<string> {
  return (value, at, report) => {
    if (typeof value !== 'string') return void report(at, 'OF_WRONG_KIND', 'a text')
    if (value.length > most) return void report(at, 'TOO_LONG', String(most))
    if (value.length < least) return void report(at, 'TOO_FEW', String(least))
    const isPlain = value.isWellFormed() && !controls.test(value) && (lines || !/[\t\n]/.test(value))
    if (!isPlain || pattern?.test(value) === false) return void report(at, 'CHARACTER_NOT_ALLOWED')
    return value
  }
}

export const flag: Reader<boolean> = (value, at, report) =>
  typeof value === 'boolean' ? value : void report(at, 'OF_WRONG_KIND', 'true or false')

export function oneOf<const T extends string | number | boolean>(...choices: readonly T[]): Reader<T> {
  return (value, at, report) => {
    const found = choices.find((choice) => choice === value)
    return found === undefined ? void report(at, 'NOT_ONE_OF', choices.join(', ')) : found
  }
}

/** So many numbers, no more and no fewer. */
export const pair = (read: Reader<number>): Reader<readonly [number, number]> => {
  const items = list(read, { least: 2, most: 2 })
  return (value, at, report) => {
    const [a, b] = items(value, at, report) ?? []
    return a === undefined || b === undefined ? undefined : [a, b]
  }
}
export const triple = (read: Reader<number>): Reader<readonly [number, number, number]> => {
  const items = list(read, { least: 3, most: 3 })
  return (value, at, report) => {
    const [a, b, c] = items(value, at, report) ?? []
    return a === undefined || b === undefined || c === undefined ? undefined : [a, b, c]
  }
}
export const quadruple = (read: Reader<number>): Reader<readonly [number, number, number, number]> => {
  const items = list(read, { least: 4, most: 4 })
  return (value, at, report) => {
    const [a, b, c, d] = items(value, at, report) ?? []
    return a === undefined || b === undefined || c === undefined || d === undefined ? undefined : [a, b, c, d]
  }
}

/** An object of one of several shapes, told by its member `kind`. */
export function byKind<const Kinds extends Shape>(kinds: Kinds): Reader<Read<Kinds[keyof Kinds]>> {
  return (value, at, report) => {
    if (!isObject(value)) return void report(at, 'OF_WRONG_KIND', 'an object')
    const kind = value['kind']
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
      return void report(step(at, 'kind'), 'NOT_ONE_OF', Object.keys(kinds).join(', '))
    return kinds[kind]!(value, at, report) as Read<Kinds[keyof Kinds]> | undefined
  }
}

/** An object of one of several shapes, told by the one member that only it has. */
export function byMember<const Kinds extends Shape>(kinds: Kinds): Reader<Read<Kinds[keyof Kinds]>> {
  return (value, at, report) => {
    if (!isObject(value)) return void report(at, 'OF_WRONG_KIND', 'an object')
    const member = Object.keys(kinds).find((name) => Object.hasOwn(value, name))
    if (member === undefined) return void report(at, 'MEMBER_MISSING', Object.keys(kinds).join(', '))
    return kinds[member]!(value, at, report) as Read<Kinds[keyof Kinds]> | undefined
  }
}
