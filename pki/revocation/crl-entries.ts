import { DerCursor, fromHex, malformed, parseDer, readSequence, readTime, TAG, toHex } from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { parseExtensions } from '../x509/extensions.ts'
import { comparable, parseGeneralName } from '../x509/general-name.ts'
import { parseReason, type RevocationReason } from './reason.ts'
import { joinEntries, type RevocationEntry } from './revocation-entry.ts'

export interface RevokedCertificate extends RevocationEntry {
  readonly serialNumberHex: string
}

/** Takes the names of an entry's issuer; `undefined`: the issuer of the list. */
type IssuerTest = (names: readonly string[] | undefined) => boolean

/** What an entry's extensions say; the same few octets in most entries of a list. */
interface EntryExtensions {
  readonly reason: RevocationReason
  readonly invalidityDate: Date | undefined
  /** names of the certificate's issuer, as comparable text, where the entry begins those of another one */
  readonly issuer: readonly string[] | undefined
  readonly unknownCritical: readonly string[]
}

const none: EntryExtensions = {
  reason: 'unspecified',
  invalidityDate: undefined,
  issuer: undefined,
  unknownCritical: [],
}

/**
 * Entries by hash of their serial number, chained, since a hostile list may repeat one number a million times: building takes one pass
 * whatever the numbers are. Entries count from 1; 0 ends a chain.
 */
interface PlaceTable {
  readonly heads: Uint32Array
  readonly places: Uint32Array
  readonly next: Uint32Array
}

/** Numbers that are not chosen for it share a place in the table by the dozen at most. */
const LONGEST_CHAIN = 64

/** From this octet on the entries are about certificates of this issuer. */
interface IssuerChange {
  readonly from: number
  readonly issuer: readonly string[]
}

/**
 * The entries of a list, checked once from first to last and then left as bytes: a list of 100 MB takes little more memory than itself.
 * Looked up by serial number through a hash table of places.
 */
export class CrlEntries {
  readonly size: number
  /** critical extensions of entries that this room does not process */
  readonly unknownCritical: readonly string[]
  readonly #source: Uint8Array
  readonly #from: number
  readonly #to: number
  readonly #isV2: boolean
  readonly #issuerChanges: readonly IssuerChange[]
  readonly #known = new Map<number, { readonly octets: Uint8Array; readonly extensions: EntryExtensions }>()
  /** used again for every entry: a new one for each would take longer than all the reading */
  readonly #cursor: DerCursor
  #table: PlaceTable | undefined
  readonly #longChains = new Map<number, Set<string>>()

  /** Checks every entry between the two places; throws `DER_MALFORMED`. `from` = `to`: no entries. */
  constructor(source: Uint8Array, from: number, to: number, isV2: boolean) {
    this.#source = source
    this.#from = from
    this.#to = to
    this.#isV2 = isV2
    this.#cursor = new DerCursor(source)
    const unknownCritical = new Set<string>()
    const issuerChanges: IssuerChange[] = []
    let size = 0
    for (const place of this.#places()) {
      const { issuer, unknownCritical: unknown } = this.#check(place.start, place.end)
      for (const oid of unknown) unknownCritical.add(oid)
      if (issuer !== undefined) issuerChanges.push({ from: place.start, issuer })
      size++
    }
    this.size = size
    this.unknownCritical = [...unknownCritical]
    this.#issuerChanges = issuerChanges
  }

  /** Whether entries name issuers of their own, as those of indirect lists may. */
  get namesIssuers(): boolean {
    return this.#issuerChanges.length > 0
  }

  /** What the list has under a serial number, several entries as one; `issuer`: only entries whose issuer it takes. */
  get(serialNumberHex: string, issuer?: IssuerTest): RevokedCertificate | undefined {
    return joinEntries(this.#entriesOf(serialNumberHex, issuer))
  }

  *#entriesOf(serialNumberHex: string, issuer: IssuerTest | undefined): IterableIterator<RevokedCertificate> {
    for (const place of this.#find(serialNumberHex, issuer)) yield this.#read(place)
  }

  /** Whether there is any entry with a serial number. */
  has(serialNumberHex: string): boolean {
    return this.#find(serialNumberHex, undefined).next().done === false
  }

  /**
   * The same at little cost, for what nobody need have signed: of a number that a list repeats as no CA does it may say so whoever the issuers
   * of its entries are.
   */
  mayHave(serialNumberHex: string, issuer: IssuerTest): boolean {
    const wanted = fromHex(serialNumberHex)
    let steps = 0
    for (const place of this.#chain(wanted)) {
      if (++steps > LONGEST_CHAIN) return this.#numbersBeside(wanted).has(serialNumberHex)
      if (this.#isOne(place, wanted, issuer)) return true
    }
    return false
  }

  /** The numbers in a long chain, each once; read when it is first asked for. */
  #numbersBeside(wanted: Uint8Array): ReadonlySet<string> {
    const slot = hashOf(wanted, 0, wanted.length) & (this.#table!.heads.length - 1)
    let numbers = this.#longChains.get(slot)
    if (numbers === undefined) {
      this.#longChains.set(slot, (numbers = new Set()))
      let last = new Uint8Array()
      for (const place of this.#chain(wanted)) {
        if (this.#hasSerial(place, last)) continue
        const { contentStart, end } = this.#inside(place)
        last = this.#source.slice(contentStart, end)
        numbers.add(toHex(last))
      }
    }
    return numbers
  }

  *#find(serialNumberHex: string, issuer: IssuerTest | undefined): Generator<number, undefined> {
    const wanted = fromHex(serialNumberHex)
    for (const place of this.#chain(wanted)) if (this.#isOne(place, wanted, issuer)) yield place
  }

  /** Places of entries, those of a serial number among them. */
  *#chain(wanted: Uint8Array): Generator<number, undefined> {
    if (this.size === 0) return
    const { heads, places, next } = (this.#table ??= this.#makeTable())
    for (let i = heads[hashOf(wanted, 0, wanted.length) & (heads.length - 1)]!; i !== 0; i = next[i]!) yield places[i]!
  }

  #isOne(place: number, wanted: Uint8Array, issuer: IssuerTest | undefined): boolean {
    return this.#hasSerial(place, wanted) && issuer?.(this.#issuerAt(place)) !== false
  }

  *keys(): IterableIterator<string> {
    for (const { serialNumberHex } of this.values()) yield serialNumberHex
  }

  /** Every entry, in the order of the list. */
  *values(): IterableIterator<RevokedCertificate> {
    for (const { start } of this.#places()) yield this.#read(start)
  }

  *#places(): IterableIterator<DerCursor> {
    const cursor = new DerCursor(this.#source)
    for (let at = this.#from; at < this.#to; at = cursor.end) {
      cursor.read(at, this.#to)
      if (cursor.tag !== TAG.sequence) throw malformed(at, 'revokedCertificate: expected a SEQUENCE')
      yield cursor
    }
  }

  /** The form of one entry: serial number, date, extensions. */
  #check(start: number, end: number): EntryExtensions {
    const source = this.#source
    const cursor = this.#inside(start)
    const { contentStart, end: serialEnd } = cursor
    if (cursor.tag !== TAG.integer || serialEnd === contentStart) throw malformed(start, 'userCertificate: no INTEGER')
    const top = source[contentStart]! * 2 + (source[contentStart + 1]! >> 7)
    if (serialEnd - contentStart > 1 && (top === 0 || top === 0x1ff))
      throw malformed(start, 'userCertificate: INTEGER is not minimal')
    cursor.read(serialEnd, end)
    if (!isTime(source, cursor)) throw malformed(cursor.start, 'revocationDate: not a time')
    if (cursor.end === end) return none
    if (!this.#isV2) throw malformed(cursor.end, 'revokedCertificate: extensions in a list of version 1')
    cursor.read(cursor.end, end)
    if (cursor.end !== end) throw malformed(cursor.end, 'revokedCertificate: unexpected field')
    return this.#extensions(cursor)
  }

  /** A cursor on the serial number of the entry at a place. */
  #inside(start: number): DerCursor {
    const cursor = this.#cursor
    cursor.read(start, this.#to)
    cursor.read(cursor.contentStart, cursor.end)
    return cursor
  }

  #extensions({ source, start, end }: DerCursor): EntryExtensions {
    const hash = hashOf(source, start, end)
    const known = this.#known.get(hash)
    if (known !== undefined && isSame(source, start, end, known.octets)) return known.extensions
    const octets = source.subarray(start, end)
    const extensions = parseEntryExtensions(octets)
    if (end - start <= 64 && this.#known.size < 256) this.#known.set(hash, { octets, extensions })
    return extensions
  }

  #read(start: number): RevokedCertificate {
    this.#cursor.read(start, this.#to)
    const { end } = this.#cursor
    const cursor = this.#inside(start)
    const serialNumberHex = toHex(this.#source.subarray(cursor.contentStart, cursor.end))
    cursor.read(cursor.end, end)
    const revocationDate = readTime(parseDer(cursor.raw), 'revocationDate')
    if (cursor.end === end) return { serialNumberHex, revocationDate, reason: 'unspecified', invalidityDate: undefined }
    cursor.read(cursor.end, end)
    const { reason, invalidityDate } = this.#extensions(cursor)
    return { serialNumberHex, revocationDate, reason, invalidityDate }
  }

  #hasSerial(start: number, wanted: Uint8Array): boolean {
    const { source, contentStart, end } = this.#inside(start)
    return isSame(source, contentStart, end, wanted)
  }

  #makeTable(): PlaceTable {
    const heads = new Uint32Array(2 ** Math.ceil(Math.log2(this.size + 1)))
    const places = new Uint32Array(this.size + 1)
    const next = new Uint32Array(this.size + 1)
    let count = 0
    for (const { start } of this.#places()) {
      const { contentStart, end } = this.#inside(start)
      const slot = hashOf(this.#source, contentStart, end) & (heads.length - 1)
      places[++count] = start
      next[count] = heads[slot]!
      heads[slot] = count
    }
    return { heads, places, next }
  }

  /** The issuer named last at or before a place (RFC 5280 §5.3.3); `undefined`: the issuer of the list. */
  #issuerAt(place: number): readonly string[] | undefined {
    const changes = this.#issuerChanges
    let low = 0
    let high = changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (changes[middle]!.from <= place) low = middle + 1
      else high = middle
    }
    return changes[low - 1]?.issuer
  }
}

function isSame(source: Uint8Array, from: number, to: number, octets: Uint8Array): boolean {
  if (to - from !== octets.length) return false
  for (let i = 0; i < octets.length; i++) if (source[from + i] !== octets[i]) return false
  return true
}

/** FNV-1a over octets, its upper bits mixed into the lower. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

function parseEntryExtensions(der: Uint8Array): EntryExtensions {
  const extensions = parseExtensions(parseDer(der), 'crlEntryExtensions')
  const value = (oid: string) => {
    const extension = extensions.get(oid)
    return extension && parseDer(extension.value)
  }
  const reason = value(OID.reasonCode)
  const invalidity = value(OID.invalidityDate)
  const issuer = value(OID.certificateIssuer)
  return {
    reason: reason === undefined ? 'unspecified' : parseReason(reason),
    invalidityDate: invalidity && readTime(invalidity, 'invalidityDate'),
    issuer: issuer && readSequence(issuer, 'certificateIssuer', 1).map((name) => comparable(parseGeneralName(name))),
    unknownCritical: [...extensions.values()]
      .filter(({ critical, oid }) => critical && !processed.has(oid))
      .map(({ oid }) => oid),
  }
}

const processed: ReadonlySet<string> = new Set([OID.reasonCode, OID.invalidityDate, OID.certificateIssuer])

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** What `readTime` takes, without making objects. */
function isTime(source: Uint8Array, { tag, contentStart, end }: DerCursor): boolean {
  const digits = tag === TAG.utcTime ? 12 : tag === TAG.generalizedTime ? 14 : 0
  if (digits === 0 || end - contentStart !== digits + 1 || source[end - 1] !== 0x5a) return false
  for (let at = contentStart; at < end - 1; at++) if (source[at]! < 0x30 || source[at]! > 0x39) return false
  const two = (back: number): number => (source[end - back]! - 0x30) * 10 + source[end - back + 1]! - 0x30
  const month = two(11)
  const day = two(9)
  const year = two(13)
  // Of the years of UTCTime, 1950 to 2049, 2000 is the only one that ends a century, and a leap year.
  const century = digits === 14 ? two(15) : 20
  const isLeap = year === 0 ? century % 4 === 0 : year % 4 === 0
  const days = month === 2 && !isLeap ? 28 : DAYS[month - 1]
  return days !== undefined && day >= 1 && day <= days && two(7) < 24 && two(5) < 60 && two(3) < 60
}
