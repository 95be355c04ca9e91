import type {
  FieldDefinition,
  LicenceDefinition,
  LicenceInput,
  NumberPart,
  UploadedBody,
  Words,
} from '../definition.ts'
import { fieldName, layoutShape } from './layout-shape.ts'
import {
  byKind,
  byMember,
  flag,
  list,
  number,
  object,
  oneOf,
  quadruple,
  type Reader,
  record,
  text,
  triple,
  whole,
} from './reader.ts'

const mostFields = 200
const name = text(40, { pattern: fieldName })
const words: Reader<Words> = object({ zh: text(200), en: text(300) }, {})
const value = text(100)

const choice = object({ value, label: words }, {})
const column = object(
  { name, label: words, type: oneOf('text', 'number', 'date'), required: flag },
  { maxLength: whole(1, 4000) },
)
const limits = object({ minSide: whole(1, 10_000), maxSide: whole(1, 10_000), maxBytes: whole(1, 8 * 1024 * 1024) }, {})

const field: Reader<FieldDefinition> = object(
  {
    name,
    label: words,
    type: oneOf(
      'text',
      'long-text',
      'date',
      'date-range-end',
      'money',
      'number',
      'credit-code',
      'identity-number',
      'choice',
      'picture',
      'table',
    ),
    required: flag,
    disclosure: oneOf('public', 'masked', 'hidden'),
  },
  {
    role: oneOf('holder-name', 'holder-code', 'valid-from', 'valid-until', 'issued-on'),
    maxLength: whole(1, 20_000),
    unit: words,
    decimals: whole(0, 6),
    choices: list(choice, { least: 1, most: 500 }),
    columns: list(column, { least: 1, most: 30 }),
    rows: object({ min: whole(0, 2000), max: whole(1, 2000) }, {}),
    picture: limits,
    notBefore: name,
    latest: oneOf('today'),
    mayBeOpen: flag,
    hint: words,
  },
)

const numberPart: Reader<NumberPart> = byMember({
  text: object({ text: text(40) }, {}),
  area: object({ area: oneOf(true) }, {}),
  year: object({ year: oneOf(true) }, {}),
  day: object({ day: oneOf(true) }, {}),
  sequence: object({ sequence: whole(1, 15) }, {}),
  checkDigit: object({ checkDigit: oneOf(true) }, {}),
})

const rgb = triple(whole(0, 255))
const pixel = number(-5000, 5000)
const drawing = object(
  {
    width: whole(1, 800),
    height: whole(1, 800),
    paper: rgb,
    shapes: list(
      byMember({
        ellipse: object({ ellipse: quadruple(pixel), colour: rgb }, {}),
        box: object({ box: quadruple(pixel), colour: rgb }, {}),
        line: object({ line: quadruple(pixel), width: number(0.1, 500), colour: rgb }, {}),
      }),
      { most: 100 },
    ),
  },
  {},
)

const mostExampleText = 20_000
/** A value of the made-up holder: what kind it must be, its field says later. */
const exampleValue: Reader<unknown> = (given, at, report) => {
  if (given === null || typeof given === 'boolean') return given
  if (typeof given === 'number') return number(-1e15, 1e15)(given, at, report)
  if (typeof given === 'string') return text(mostExampleText, { lines: true, least: 0 })(given, at, report)
  if (Array.isArray(given)) return list(exampleRow, { most: 2000 })(given, at, report)
  return void report(at, 'OF_WRONG_KIND', 'a value or rows')
}
const exampleCell: Reader<unknown> = (given, at, report) =>
  typeof given === 'object' && given !== null
    ? void report(at, 'OF_WRONG_KIND', 'a value')
    : exampleValue(given, at, report)
const exampleRow = record(fieldName, exampleCell, 30)
const example: Reader<LicenceInput> = record(fieldName, exampleValue, mostFields)

const bodyPage = oneOf('first', 'last')
const shift = number(-500, 500)
const longestSearched = 64
const body: Reader<UploadedBody> = object(
  {
    qr: object({ page: bodyPage }, {}),
    seal: byMember({
      page: object({ page: bodyPage }, {}),
      text: object({ text: text(longestSearched) }, { right: shift, up: shift }),
    }),
  },
  {},
)

/** A type code: the unified social credit code of whoever defines it, and three characters more (GB/T 36904). */
const typeCodeShape = text(21, { pattern: /^[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}$/ })

/** The whole of a definition, member for member; what its members say of each other is checked afterwards. */
export const definitionShape: Reader<LicenceDefinition> = object(
  {
    typeCode: typeCodeShape,
    templateVersion: whole(1, 9999),
    name: words,
    groups: list(object({ name: words, fields: list(name, { least: 1, most: mostFields }) }, {}), {
      least: 1,
      most: 60,
    }),
    fields: list(field, { least: 1, most: mostFields }),
    validity: byKind({
      fields: object({ kind: oneOf('fields') }, {}),
      years: object({ kind: oneOf('years'), years: whole(1, 100) }, {}),
      'without-end': object({ kind: oneOf('without-end') }, {}),
    }),
    number: object(
      {
        parts: list(numberPart, { least: 1, most: 20 }),
        restarts: oneOf('never', 'yearly', 'daily'),
      },
      {},
    ),
    example,
    layout: layoutShape,
  },
  { examplePictures: record(fieldName, drawing, 20), body },
)
