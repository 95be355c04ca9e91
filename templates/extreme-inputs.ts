import type { Drawing, FieldDefinition, LicenceDefinition, LicenceInput, TableColumn } from './definition.ts'
import { drawPng } from './pictures/drawing.ts'

/** A made-up input at the edge of what a definition admits. */
export interface ExtremeInput {
  readonly name: 'shortest' | 'longest' | 'rare characters'
  readonly input: LicenceInput
}

type Extreme = ExtremeInput['name']

const WORDS = '云汀市望江区听澜路街道办事处与某某股份有限责任公司'
/**
 * Names as people have them that few fonts have: of the second plane and of extension A, with the point of Uighur names, in Latin letters
 * with accents; and signs of addresses.
 */
const RARE = '𬸚䶮㛃·买买提玥琋𠅤Ångström-Özdemir①№３６㎡〇'
const CREDIT_CODE = '91330199MA7E4K2Q42'
const IDENTITY_NUMBER = '33019919930216484X'
const MOST_DIGITS = '9'.repeat(15)
/** What a field takes that does not say how much (as `validate-data` has it). */
const USUAL_LENGTH = 200
const USUAL_ROWS = { min: 0, max: 200 }
const USUAL_SIDE = 240

/**
 * Inputs that try a layout: the shortest (nothing that may be left out, one letter each), the longest (everything, as long as the fields
 * admit, as many rows), and rare characters. Valid as far as each field goes; whether they fit the pages is what they are for.
 */
export const extremeInputs = (definition: LicenceDefinition): readonly ExtremeInput[] =>
  (['shortest', 'longest', 'rare characters'] as const).map((name) => ({ name, input: inputOf(definition, name) }))

const inputOf = ({ fields }: LicenceDefinition, extreme: Extreme): LicenceInput =>
  Object.fromEntries(
    fields
      .filter(({ required }) => required || extreme !== 'shortest')
      .map((field) => [field.name, extremeOf(field, extreme)]),
  )

function extremeOf(field: FieldDefinition, extreme: Extreme): unknown {
  switch (field.type) {
    case 'text':
    case 'long-text':
      return textOf(field.maxLength ?? USUAL_LENGTH, extreme)
    case 'date':
      return dayOf('2019', extreme)
    case 'date-range-end':
      return dayOf('2099', extreme)
    case 'money':
    case 'number':
      return numberOf(field.decimals ?? 2, extreme)
    case 'credit-code':
      return CREDIT_CODE
    case 'identity-number':
      return IDENTITY_NUMBER
    case 'choice':
      return choiceOf(field, extreme)
    case 'picture':
      return pictureOf(field.picture?.minSide ?? USUAL_SIDE, extreme)
    case 'table':
      return rowsOf(field, extreme)
  }
}

function textOf(length: number, extreme: Extreme): string {
  if (extreme === 'shortest') return '林'
  const text = extreme === 'longest' ? WORDS : RARE
  const letters = [...(extreme === 'longest' ? text.repeat(Math.ceil(length / text.length)) : text)]
  return letters.slice(0, length).join('')
}

const dayOf = (year: string, extreme: Extreme): string => `${year}-${extreme === 'shortest' ? '01-01' : '12-28'}`

const numberOf = (decimals: number, extreme: Extreme): string =>
  extreme === 'shortest' ? '0' : decimals === 0 ? MOST_DIGITS : `${MOST_DIGITS}.${'9'.repeat(decimals)}`

function choiceOf({ choices = [] }: FieldDefinition, extreme: Extreme): string | undefined {
  const byLength = [...choices].sort((a, b) => a.label.zh.length - b.label.zh.length)
  return byLength.at(extreme === 'shortest' ? 0 : -1)?.value
}

/** A square as small as may be, a picture four times as wide as high, one four times as high as wide. */
function pictureOf(side: number, extreme: Extreme): string {
  const width = extreme === 'longest' ? 4 * side : side
  const height = extreme === 'rare characters' ? 4 * side : side
  const drawing: Drawing = {
    width,
    height,
    paper: [222, 232, 240],
    shapes: [
      { ellipse: [width / 2, height / 2, width / 2, height / 2], colour: [96, 128, 160] },
      { ellipse: [width / 2, height / 2, side / 4, side / 4], colour: [240, 220, 200] },
    ],
  }
  return Buffer.from(drawPng(drawing)).toString('base64')
}

function rowsOf({ columns = [], rows = USUAL_ROWS }: FieldDefinition, extreme: Extreme): LicenceInput[] {
  const count = { shortest: rows.min, longest: rows.max, 'rare characters': Math.max(rows.min, Math.min(3, rows.max)) }
  const wanted = columns.filter(({ required }) => required || extreme !== 'shortest')
  return Array.from({ length: count[extreme] }, () =>
    Object.fromEntries(wanted.map((column) => [column.name, cellOf(column, extreme)])),
  )
}

function cellOf({ type, maxLength }: TableColumn, extreme: Extreme): string {
  if (type === 'date') return dayOf('2019', extreme)
  return type === 'number' ? numberOf(4, extreme) : textOf(maxLength ?? USUAL_LENGTH, extreme)
}
