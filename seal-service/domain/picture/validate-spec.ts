// A spec from outside: every fault at once, each with its place.
import type { Fault } from '../../../platform/index.ts'
import {
  pictureLimits as limits,
  roundSealDiameters,
  type SealArtwork,
  type SealPictureSpec,
} from '../seal-picture-spec.ts'
import { readArtworkPath } from './artwork-path.ts'
import type { OutlineSource, SealType } from './outline.ts'

/** What may be wrong with a part of a spec. */
export type PictureFaultCode =
  | 'FIELD_MISSING'
  | 'FIELD_OF_WRONG_KIND'
  | 'FIELD_UNKNOWN'
  | 'TEXT_TOO_SHORT'
  | 'TEXT_TOO_LONG'
  | 'CHARACTER_NOT_ALLOWED'
  | 'CHARACTER_MISSING_IN_TYPE'
  | 'CHOICE_UNKNOWN'
  | 'NUMBER_OUT_OF_RANGE'
  | 'ARTWORK_MISSING'
  | 'ARTWORK_NOT_ALLOWED'
  | 'ARTWORK_DAMAGED'

export interface PictureFault extends Fault {
  readonly code: PictureFaultCode
}

/** Characters of a name on a seal. */
const nameCharacters = /[\p{Script=Han}\p{L}\p{Nd}（）()〇·]/u
/** Those of a second language in letters; marks come composed, so that each is one character. */
const letterCharacters = /[\p{L}\p{Nd} .,'’&()·-]/u
const codeCharacters = /[0-9]/
const taxCharacters = /[0-9A-Z]/
const shapes = ['round', 'oval', 'invoice', 'square'] as const

/**
 * Every fault of a spec, none for one that can be drawn. With `outlines` also the characters that the seal's types lack, each named.
 * Fields that must be said may not be left out: what is not there is null.
 */
export function validatePictureSpec(spec: unknown, outlines?: OutlineSource): PictureFault[] {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    return [{ pointer: '', code: 'FIELD_OF_WRONG_KIND', detail: 'a picture is an object' }]
  }
  const fields = createFields(spec as Record<string, unknown>, outlines)
  const shape = (spec as { shape?: unknown }).shape
  if (fields.choice('shape', shapes)) readers[shape as SealPictureSpec['shape']](fields)
  return fields.finish()
}

/** Whether a spec can be drawn: it has no fault. */
export const isPictureSpec = (spec: unknown, outlines?: OutlineSource): spec is SealPictureSpec =>
  validatePictureSpec(spec, outlines).length === 0

type Fields = ReturnType<typeof createFields>

const readers: Readonly<Record<SealPictureSpec['shape'], (fields: Fields) => void>> = {
  round(fields) {
    fields.oneOf('diameterMm', roundSealDiameters)
    readRing(fields)
    fields.text('code', { ...limits.code, characters: codeCharacters, mayBeNull: true, type: 'sans' })
  },
  oval(fields) {
    // Whole millimetres: an SESeal says no others (GB/T 38540).
    fields.number('widthMm', { ...limits.ovalWidthMm, isWhole: true })
    fields.number('heightMm', { ...limits.ovalHeightMm, isWhole: true })
    if (fields.read('heightMm') >= fields.read('widthMm')) {
      fields.report('heightMm', 'NUMBER_OUT_OF_RANGE', 'an oval seal is wider than high')
    }
    readRing(fields)
  },
  invoice(fields) {
    fields.text('ringText', { ...limits.invoiceRingText, characters: nameCharacters })
    fields.text('taxNumber', { fewest: 15, most: 20, characters: taxCharacters, type: 'sans' })
    fields.number('serial', { ...limits.serial, mayBeNull: true, isWhole: true })
  },
  square(fields) {
    fields.number('sideMm', { ...limits.sideMm, isWhole: true })
    fields.choice('style', ['red-characters', 'white-characters'])
    fields.choice('ending', ['印', '之印', null])
    const { read } = fields
    const ending = typeof read('ending') === 'string' ? read('ending') : ''
    const dots = typeof read('text') === 'string' ? read('text').split('·').length - 1 : 0
    const { fewest, most } = limits.squareText
    fields.text('text', {
      fewest: fewest + dots,
      most: most - [...ending].length + dots,
      characters: nameCharacters,
      type: 'song-bold',
    })
  },
}

/** What round and oval seals have in common. */
function readRing(fields: Fields): void {
  fields.number('edgeMm', { ...limits.edgeMm, mayBeAbsent: true })
  fields.text('ringText', { ...limits.ringText, characters: nameCharacters })
  fields.text('ringTextEn', { ...limits.ringTextEn, characters: letterCharacters, mayBeNull: true })
  fields.text('lowerText', { ...limits.lowerText, characters: nameCharacters, mayBeNull: true })
  fields.choice('centre', ['star', 'none', 'artwork'])
  const artwork = fields.read('artwork')
  if (fields.read('centre') === 'artwork') {
    if (artwork === undefined) fields.report('artwork', 'ARTWORK_MISSING', 'the centre is an artwork')
    else if (!isArtwork(artwork)) fields.report('artwork', 'ARTWORK_DAMAGED', 'not as the reader of artworks made it')
  } else if (artwork !== undefined) fields.report('artwork', 'ARTWORK_NOT_ALLOWED', 'the centre is no artwork')
}

function isArtwork(value: unknown): value is SealArtwork {
  if (typeof value !== 'object' || value === null) return false
  const { width, height, path, ...rest } = value as Record<string, unknown>
  if (typeof width !== 'number' || typeof height !== 'number' || typeof path !== 'string') return false
  return Object.keys(rest).length === 0 && readArtworkPath({ width, height, path }) !== undefined
}

interface TextRule {
  readonly fewest: number
  readonly most: number
  readonly characters: RegExp
  readonly mayBeNull?: boolean
  readonly type?: SealType
}

interface NumberRule {
  readonly least: number
  readonly most: number
  readonly isWhole?: boolean
  readonly mayBeNull?: boolean
  readonly mayBeAbsent?: boolean
}

/** Reads fields of an object and collects what is wrong; what nobody asked for is wrong too. */
function createFields(input: Record<string, unknown>, outlines: OutlineSource | undefined) {
  const faults: PictureFault[] = []
  const asked = new Set<string>(['artwork'])
  // Values of hostile JSON: each use below asks for the kind it needs.
  // biome-ignore lint/suspicious/noExplicitAny: comparisons of any kind are what is wanted here
  const read = (name: string): any => (Object.hasOwn(input, name) ? input[name] : undefined)
  const report = (name: string, code: PictureFaultCode, detail: string): false => {
    faults.push({ pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, code, detail })
    return false
  }
  /** Whether there is a value to look at. */
  const ask = (name: string, rule: { mayBeNull?: boolean; mayBeAbsent?: boolean }): boolean => {
    asked.add(name)
    const value = read(name)
    if (value === undefined) return rule.mayBeAbsent ? false : report(name, 'FIELD_MISSING', 'must be said')
    return !(value === null && rule.mayBeNull)
  }
  return {
    read,
    report,
    choice(name: string, choices: readonly (string | null)[]): boolean {
      if (!ask(name, {})) return false
      return choices.includes(read(name)) || report(name, 'CHOICE_UNKNOWN', `one of ${choices.join(', ')}`)
    },
    oneOf(name: string, choices: readonly number[]): void {
      if (ask(name, {}) && !choices.includes(read(name))) {
        report(name, 'NUMBER_OUT_OF_RANGE', `one of ${choices.join(', ')}`)
      }
    },
    number(name: string, rule: NumberRule): void {
      if (!ask(name, rule)) return
      const value = read(name)
      if (typeof value !== 'number' || (rule.isWhole && !Number.isInteger(value))) {
        report(name, 'FIELD_OF_WRONG_KIND', rule.isWhole ? 'a whole number' : 'a number')
      } else if (!(value >= rule.least && value <= rule.most)) {
        report(name, 'NUMBER_OUT_OF_RANGE', `${rule.least} to ${rule.most}`)
      }
    },
    text(name: string, rule: TextRule): void {
      if (!ask(name, rule)) return
      const value = read(name)
      if (typeof value !== 'string') {
        report(name, 'FIELD_OF_WRONG_KIND', 'a text')
        return
      }
      const characters = [...value.normalize('NFC').slice(0, 400)]
      if (characters.length < rule.fewest) report(name, 'TEXT_TOO_SHORT', `at least ${rule.fewest} characters`)
      if (characters.length > rule.most) report(name, 'TEXT_TOO_LONG', `at most ${rule.most} characters`)
      const isAllowed = (character: string) => rule.characters.test(character)
      const strange = characters.filter((character) => !isAllowed(character))
      if (strange.length > 0) report(name, 'CHARACTER_NOT_ALLOWED', nameCharactersOf(strange))
      if (outlines === undefined) return
      const isCut = (character: string) =>
        character === ' ' || outlines(character.codePointAt(0)!, rule.type) !== undefined
      const lacking = characters.filter((character) => isAllowed(character) && !isCut(character))
      if (lacking.length > 0) report(name, 'CHARACTER_MISSING_IN_TYPE', nameCharactersOf(lacking))
    },
    finish(): PictureFault[] {
      for (const name of Object.keys(input)) {
        if (!asked.has(name)) report(name.slice(0, 40), 'FIELD_UNKNOWN', 'no part of this picture')
      }
      return faults
    },
  }
}

/** Each once, with its code: 㙍 (U+364D). */
function nameCharactersOf(characters: readonly string[]): string {
  return [...new Set(characters)]
    .slice(0, 20)
    .map((character) => {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
      return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `${character} (U+${code})` : `U+${code}`
    })
    .join(', ')
}
