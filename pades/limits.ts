import { PadesError } from './errors.ts'

/** What reading one document may cost. All of it is counted in one budget, so that no sum of small steps escapes. */
export interface ReadLimits {
  /** Bytes of the file. */
  readonly fileBytes: number
  /**
   * Bytes read as tokens plus bytes inflated, over the whole reading: bounds the time. A small file may ask for less: sound ones
   * take once or twice their length.
   */
  readonly work: number
  /** Values (names, numbers, dictionaries …) made while parsing: bounds the memory. */
  readonly values: number
  /** Values of one object, with all inside it: an honest one holds some thousands. */
  readonly objectValues: number
  /** Bytes that one stream may inflate to. */
  readonly streamBytes: number
  /** Arrays and dictionaries inside each other. */
  readonly depth: number
  /** Revisions, and links of a chain of cross-references. */
  readonly revisions: number
  readonly signatures: number
  readonly pages: number
  /** Entries of one list of certificates, CRLs or OCSP responses in a DSS. */
  readonly evidence: number
  /** Bytes of one name (ISO 32000-1, Annex C: 127), and characters of a field's whole name. */
  readonly nameBytes: number
  /** Bytes of one text string that is read as text, such as a signer's reason. */
  readonly textBytes: number
  /** Bytes that all signatures cover together: each is hashed for itself. */
  readonly signedBytes: number
}

export const defaultLimits: ReadLimits = {
  fileBytes: 64 << 20,
  work: 256 << 20,
  values: 4_000_000,
  objectValues: 1 << 18,
  streamBytes: 32 << 20,
  depth: 64,
  revisions: 1_000,
  signatures: 1_000,
  pages: 100_000,
  evidence: 10_000,
  nameBytes: 1_024,
  textBytes: 16 << 10,
  signedBytes: 512 << 20,
}

/** What a document may cost that somebody uploads to have it sealed: its pages are read, in the process that answers. */
export const uploadLimits: ReadLimits = { ...defaultLimits, work: 96 << 20 }

/** What any file may ask for, however small, and how many times its length besides. */
const LEAST_WORK = 8 << 20
const WORK_PER_BYTE = 32

/** The same for one stream that is inflated: deflate itself could reach a thousandfold. */
const LEAST_INFLATED = 1 << 20
const INFLATED_PER_BYTE = 200

/** Counts work and values against the limits of one reading. */
export class Budget {
  readonly limits: ReadLimits
  #work: number
  #values: number

  constructor(limits: ReadLimits, fileLength = limits.fileBytes) {
    this.limits = limits
    this.#work = Math.min(limits.work, LEAST_WORK + WORK_PER_BYTE * fileLength)
    this.#values = limits.values
  }

  work(units: number): void {
    this.#work -= units
    // Not "less than": what is no number would never be.
    if (!(this.#work >= 0)) throw new PadesError('PADES_LIMIT_EXCEEDED', 'the document asks for too much work')
  }

  /** How many bytes a stream of so many may inflate to. */
  inflated(length: number): number {
    return Math.min(this.limits.streamBytes, LEAST_INFLATED + INFLATED_PER_BYTE * length, Math.max(0, this.#work))
  }

  value(): void {
    if (--this.#values < 0) throw new PadesError('PADES_LIMIT_EXCEEDED', 'the document holds too many values')
  }

  check(what: Exclude<keyof ReadLimits, 'work' | 'values'>, count: number): void {
    if (count > this.limits[what]) {
      throw new PadesError('PADES_LIMIT_EXCEEDED', `more than ${this.limits[what]} allowed: ${what}`)
    }
  }
}
