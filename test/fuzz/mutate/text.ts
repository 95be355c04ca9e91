// Changes of what is text outside: JSON, compact JWS over JSON, and the address in a QR code over base32 and CBOR.
import { deflateSync, inflateSync } from 'node:zlib'
import type { Random } from '../random.ts'
import { mutateBytes, splice } from './bytes.ts'
import { mutateDer } from './der.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const ODD_VALUES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  2 ** 31,
  2 ** 53,
  1e308,
  0.1,
  '',
  '0',
  '\u0000',
  '\ud800',
  'ｅ',
  [],
  {},
  [[]],
  '9999-12-31T23:59:59Z',
  'none',
  '../..',
  'http://127.0.0.1/',
]

/** Every place of a JSON value, as a path. */
function pathsOf(value: Json, path: readonly (string | number)[] = []): (string | number)[][] {
  const inner =
    value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, child]) =>
          pathsOf(child, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : []
  return [[...path], ...inner]
}

function mutateValue(value: Json, random: Random, other: Uint8Array): Json {
  if (typeof value === 'string' && random.chance(0.6)) {
    // Certificates stand in lists as base64 of DER.
    if (value.length > 200 && random.chance(0.8))
      return Buffer.from(mutateDer(Buffer.from(value, 'base64'), random, other)).toString('base64')
    return latin1(mutateBytes(utf8(value), random, other))
  }
  if (typeof value === 'number' && random.chance(0.6)) return value + random.pick([1, -1, 0.5, 1e15, -value, 2 ** 32])
  if (Array.isArray(value) && value.length && random.chance(0.5)) return [...value, ...value]
  return random.pick(ODD_VALUES)
}

function changeAt(
  value: Json,
  path: readonly (string | number)[],
  change: (value: Json) => Json | undefined,
): Json | undefined {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  if (Array.isArray(value)) {
    const changed = changeAt(value[Number(key)] ?? null, rest, change)
    return changed === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), changed)
  }
  const object = value as { [key: string]: Json }
  const changed = changeAt(object[key] ?? null, rest, change)
  const { [key]: _, ...others } = object
  return changed === undefined ? others : { ...object, [key]: changed }
}

/** One change of a JSON text, inside its grammar or against it. */
export function mutateJson(text: string, random: Random, other: Uint8Array): string {
  const against = random.below(10)
  if (against === 0) return latin1(mutateBytes(Buffer.from(text, 'latin1'), random, other))
  if (against === 1) return `${'['.repeat(random.pick([10, 1_000, 100_000]))}${text}`
  if (against === 2) return text.replace(/"(\w+)":/, (key) => `${key}null,${key}`)
  if (against === 3)
    return text.replace(
      /"(\w)(\w*)":/,
      (_, first: string, rest: string) => `"\\u00${first.charCodeAt(0).toString(16)}${rest}":`,
    )
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return latin1(mutateBytes(Buffer.from(text, 'latin1'), random, other))
  }
  const path = random.pick(pathsOf(value))
  const changed = changeAt(value, path, (old) => (random.chance(0.2) ? undefined : mutateValue(old, random, other)))
  return JSON.stringify(changed ?? null)
}

const decode = (part: string): Buffer => Buffer.from(part, 'base64url')
const encode = (bytes: Uint8Array | string): string => Buffer.from(bytes as Uint8Array).toString('base64url')

let packed: string[] | undefined
const bombs = (): string[] =>
  (packed ??= [1 << 20, 64 << 20].map((length) => encode(deflateSync(new Uint8Array(length)))))

/** The status list inside a payload, unpacked and packed again; bombs too. */
function mutateDeflated(text: string, random: Random, other: Uint8Array): string {
  return text.replace(/"lst":"([\w-]+)"/, (whole, lst: string) => {
    if (random.chance(0.2)) return `"lst":"${random.pick(bombs())}"`
    try {
      return `"lst":"${encode(deflateSync(mutateBytes(inflateSync(decode(lst)), random, other)))}"`
    } catch {
      return whole
    }
  })
}

/** One change of a compact JWS: of its header, payload, signature, or of how they stand together. */
export function mutateJws(jws: string, random: Random, other: Uint8Array): string {
  const parts = jws.split('.')
  const whole = random.below(10)
  if (whole === 0) return latin1(mutateBytes(Buffer.from(jws, 'latin1'), random, other))
  if (whole === 1) return [...parts, random.pick(parts)].join('.')
  if (whole === 2) return parts.map((part) => part + random.pick(['', '=', ' ', '\n', 'A'])).join('.')
  const at = random.below(parts.length)
  const old = decode(parts[at] ?? '')
  const isSignature = at === 2
  const changed = isSignature
    ? mutateBytes(old, random, other)
    : utf8(
        random.chance(0.2)
          ? mutateDeflated(old.toString('latin1'), random, other)
          : mutateJson(old.toString('utf8'), random, other),
      )
  return parts.with(at, encode(changed)).join('.')
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Uint8Array {
  let bits = ''
  for (const character of text) bits += Math.max(0, BASE32.indexOf(character)).toString(2).padStart(5, '0')
  return Uint8Array.from(bits.slice(0, bits.length - (bits.length % 8)).match(/.{8}/g) ?? [], (octet) =>
    Number.parseInt(octet, 2),
  )
}

function toBase32(bytes: Uint8Array): string {
  let bits = ''
  for (const octet of bytes) bits += octet.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** Heads of CBOR that a place may be given: other types, lengths in longer forms, endless ones, numbers out of range, tags, nesting. */
const CBOR_HEADS = [
  '18',
  '1b7fffffffffffffff',
  '3b7fffffffffffffff',
  '40',
  '58ff',
  '5f',
  '60',
  '7f',
  '80',
  '9f',
  '9bffffffffffffffff',
  'a0',
  'bf',
  'd2',
  'd9d9f7',
  'f4',
  'f6',
  'f97e00',
  'fb7ff0000000000000',
  'ff',
  '1800',
  '190000',
  '81818181818181818181818181818181',
]

function mutateCbor(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  if (random.chance(0.4)) return mutateBytes(bytes, random, other)
  const at = random.below(Math.max(1, bytes.length))
  return splice(bytes, at, Math.min(bytes.length, at + random.below(2)), Buffer.from(random.pick(CBOR_HEADS), 'hex'))
}

const LOOK_ALIKE: Readonly<Record<string, string>> = {
  A: 'А',
  E: 'Е',
  O: '0',
  I: '1',
  L: '1',
  C: 'С',
  P: 'Р',
  '.': '。',
  '/': '／',
  ':': '：',
}

/** One change of a QR statement's text: scheme, host, path, letters, or the CBOR inside. */
export function mutateStatement(text: string, random: Random, other: Uint8Array): string {
  const cut = text.lastIndexOf('/') + 1
  const [address, path] = [text.slice(0, cut), text.slice(cut)]
  switch (random.below(9)) {
    case 0:
      return latin1(mutateBytes(Buffer.from(text, 'latin1'), random, other))
    case 1:
      return random.chance(0.5) ? text.toLowerCase() : address + path.toLowerCase()
    case 2:
      return text.replace(/[AEOILCP./:]/g, (character) =>
        random.chance(0.1) ? (LOOK_ALIKE[character] ?? character) : character,
      )
    case 3:
      return `${text}${random.pick(['=', '======', 'A', ' ', '\n', '?x=1', '#', '/', '\u200b', '%41'])}`
    case 4:
      return address.replace('//', random.pick(['//EVIL.EXAMPLE@', '//WWW.', '//%2F', '//', '///'])) + path
    case 5:
      return (
        address.replace(/:\/\/([^/]+)/, random.pick(['://$1.EVIL.EXAMPLE', '://$1:443', '://$1.', '://127.0.0.1'])) +
        path
      )
    case 6:
      return address.replace(/^HTTPS/, random.pick(['HTTP', 'https', 'FTP', 'HTTPS ', 'JAVASCRIPT'])) + path
    default:
      return address + toBase32(mutateCbor(fromBase32(path), random, other))
  }
}
