import { beforeAll, describe, expect, it } from 'vitest'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { drawSealPicture, validatePictureSpec } from '../../../seal-service/domain/seal-picture.ts'
import type { SealPictureSpec } from '../../../seal-service/domain/seal-picture-spec.ts'
import { fortySeals } from './forty-seals.ts'
import { openSealTypes } from './seal-types.ts'

let outlines: OutlineSource
beforeAll(async () => {
  outlines = await openSealTypes()
})

const round = {
  ...{ shape: 'round', diameterMm: 45, ringText: '云汀市民政局', ringTextEn: null },
  ...{ centre: 'star', lowerText: null, code: null },
}
const faultsOf = (spec: unknown) => validatePictureSpec(spec, outlines).map(({ pointer, code }) => `${pointer} ${code}`)

describe('validatePictureSpec', () => {
  it('finds nothing wrong with forty seals, which have names of 4 to 40 characters', () => {
    expect(fortySeals).toHaveLength(40)
    for (const spec of fortySeals) expect(faultsOf(spec)).toEqual([])
    const names = fortySeals.map((spec) => (spec.shape === 'square' ? spec.text : spec.ringText))
    expect(new Set(names).size).toBeGreaterThanOrEqual(38)
    const lengths = names.map((name) => [...name].length)
    expect(Math.max(...lengths)).toBeGreaterThanOrEqual(39)
  })

  it('names every fault at once, each with its place', () => {
    const spec = {
      ...round,
      diameterMm: 44,
      ringText: '局',
      ringTextEn: 7,
      centre: 'moon',
      lowerText: '章',
      code: 'A1',
      colour: 'blue',
    }
    expect(faultsOf(spec).sort()).toEqual([
      '/centre CHOICE_UNKNOWN',
      '/code CHARACTER_NOT_ALLOWED',
      '/code TEXT_TOO_SHORT',
      '/colour FIELD_UNKNOWN',
      '/diameterMm NUMBER_OUT_OF_RANGE',
      '/lowerText TEXT_TOO_SHORT',
      '/ringText TEXT_TOO_SHORT',
      '/ringTextEn FIELD_OF_WRONG_KIND',
    ])
  })

  it.each([
    ['no object', null, ' FIELD_OF_WRONG_KIND'],
    ['a list', [], ' FIELD_OF_WRONG_KIND'],
    ['no shape', {}, '/shape FIELD_MISSING'],
    ['an unknown shape', { shape: 'star' }, '/shape CHOICE_UNKNOWN'],
    ['a shape every object has', { shape: 'constructor' }, '/shape CHOICE_UNKNOWN'],
    ['a name of 41 characters', { ...round, ringText: '局'.repeat(41) }, '/ringText TEXT_TOO_LONG'],
    ['a name of a million', { ...round, ringText: '局'.repeat(1_000_000) }, '/ringText TEXT_TOO_LONG'],
    ['a space in a name', { ...round, ringText: '云汀市 民政局' }, '/ringText CHARACTER_NOT_ALLOWED'],
    ['markup in a name', { ...round, ringText: '云汀市<b>局' }, '/ringText CHARACTER_NOT_ALLOWED'],
    ['a hidden character', { ...round, ringText: '云汀市\u200b民政局' }, '/ringText CHARACTER_NOT_ALLOWED'],
    ['a direction mark', { ...round, ringText: '云汀市\u202e民政局' }, '/ringText CHARACTER_NOT_ALLOWED'],
    ['half a surrogate pair', { ...round, ringText: '云汀市民政\ud842' }, '/ringText CHARACTER_NOT_ALLOWED'],
    ['a rim too wide', { ...round, edgeMm: 9 }, '/edgeMm NUMBER_OUT_OF_RANGE'],
    ['a rim that is no number', { ...round, edgeMm: Number.NaN }, '/edgeMm NUMBER_OUT_OF_RANGE'],
    ['a field left out', { ...round, code: undefined }, '/code FIELD_MISSING'],
    ['an artwork that is missing', { ...round, centre: 'artwork' }, '/artwork ARTWORK_MISSING'],
    ['an artwork beside a star', { ...round, artwork: {} }, '/artwork ARTWORK_NOT_ALLOWED'],
    [
      'an artwork of another maker',
      { ...round, centre: 'artwork', artwork: { width: 9, height: 9, path: 'M0 0h9z' } },
      '/artwork ARTWORK_DAMAGED',
    ],
    [
      'an artwork beyond its box',
      { ...round, centre: 'artwork', artwork: { width: 9, height: 9, path: 'M0 0L10 0L9 9Z' } },
      '/artwork ARTWORK_DAMAGED',
    ],
    [
      'an artwork that stays open',
      { ...round, centre: 'artwork', artwork: { width: 9, height: 9, path: 'M0 0L9 0' } },
      '/artwork ARTWORK_DAMAGED',
    ],
    [
      'an oval higher than wide',
      {
        shape: 'oval',
        widthMm: 30,
        heightMm: 40,
        ringText: '云汀海德公司',
        ringTextEn: null,
        centre: 'star',
        lowerText: null,
      },
      '/heightMm NUMBER_OUT_OF_RANGE',
    ],
    [
      'a tax number in small letters',
      { shape: 'invoice', ringText: '云汀海德公司', taxNumber: '91330199ma2abcde1x', serial: null },
      '/taxNumber CHARACTER_NOT_ALLOWED',
    ],
    [
      'half a serial',
      { shape: 'invoice', ringText: '云汀海德公司', taxNumber: '91330199MA2ABCDE1X', serial: 1.5 },
      '/serial FIELD_OF_WRONG_KIND',
    ],
    [
      'half a millimetre',
      { shape: 'square', sideMm: 18.5, text: '李明', ending: null, style: 'red-characters' },
      '/sideMm FIELD_OF_WRONG_KIND',
    ],
    [
      'a name seal of one character',
      { shape: 'square', sideMm: 20, text: '李', ending: null, style: 'red-characters' },
      '/text TEXT_TOO_SHORT',
    ],
    [
      'a dot for a character',
      { shape: 'square', sideMm: 20, text: '李·', ending: null, style: 'red-characters' },
      '/text TEXT_TOO_SHORT',
    ],
    [
      'a strange ending',
      { shape: 'square', sideMm: 20, text: '李明', ending: '章', style: 'red-characters' },
      '/ending CHOICE_UNKNOWN',
    ],
  ])('refuses %s', (_what, spec, fault) => {
    expect(faultsOf(spec)).toContain(fault)
  })

  it('escapes the place of a field as JSON Pointer does (RFC 6901)', () => {
    expect(faultsOf({ ...round, 'a/b~c': 1 })).toEqual(['/a~1b~0c FIELD_UNKNOWN'])
  })

  it('names each character that the type lacks, and draws minority names in letters that it has', () => {
    const tibetan = { ...round, ringTextEn: 'ཡུན་ཏིང' }
    const [fault] = validatePictureSpec({ ...round, ringTextEn: 'Қазақша' }, outlines)
    expect(fault).toMatchObject({ pointer: '/ringTextEn', code: 'CHARACTER_MISSING_IN_TYPE' })
    expect(fault!.detail).toContain('Қ (U+049A)')
    expect(fault!.detail).not.toContain('а')
    expect(faultsOf(tibetan)).not.toEqual([])
    expect(faultsOf({ ...round, ringTextEn: 'Yinzdingj Bouxcuengh Swciyen' })).toEqual([])
    expect(faultsOf({ ...round, ringTextEn: 'Юньтин' })).toEqual([])
  })

  it('makes the refusal of drawing: with all faults, and apart where only characters are missing', () => {
    const draw = (changed: object) => () => drawSealPicture({ ...round, ...changed } as SealPictureSpec, outlines)
    expect(draw({ diameterMm: 44, code: 'x' })).toThrowError(
      expect.objectContaining({
        code: 'SEAL_PICTURE_REFUSED',
        faults: expect.arrayContaining([expect.objectContaining({ pointer: '/code' })]),
      }),
    )
    expect(draw({ ringTextEn: 'Қазақша' })).toThrowError(
      expect.objectContaining({ code: 'SEAL_PICTURE_GLYPH_MISSING' }),
    )
  })
})
