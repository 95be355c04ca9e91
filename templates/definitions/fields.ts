import type { Choice, Drawing, FieldDefinition } from '../definition.ts'

/** Fields that many forms have, so that they are asked for and shown alike. */
type More = Partial<Omit<FieldDefinition, 'name' | 'label' | 'type'>>

const field = (
  type: FieldDefinition['type'],
  name: string,
  zh: string,
  en: string,
  more: More = {},
): FieldDefinition => ({ name, label: { zh, en }, type, required: true, disclosure: 'public', ...more })

export const text = (name: string, zh: string, en: string, maxLength: number, more?: More): FieldDefinition =>
  field('text', name, zh, en, { maxLength, ...more })

export const longText = (name: string, zh: string, en: string, maxLength: number, more?: More): FieldDefinition =>
  field('long-text', name, zh, en, { maxLength, ...more })

export const day = (name: string, zh: string, en: string, more?: More): FieldDefinition =>
  field('date', name, zh, en, more)

export const lastDay = (name: string, zh: string, en: string, more?: More): FieldDefinition =>
  field('date-range-end', name, zh, en, { role: 'valid-until', ...more })

export const amount = (name: string, zh: string, en: string, more?: More): FieldDefinition =>
  field('number', name, zh, en, more)

export const money = (name: string, zh: string, en: string, more?: More): FieldDefinition =>
  field('money', name, zh, en, more)

export const creditCode = (name: string, zh: string, en: string, more?: More): FieldDefinition =>
  field('credit-code', name, zh, en, { role: 'holder-code', ...more })

export const choice = (
  name: string,
  zh: string,
  en: string,
  choices: readonly (readonly [value: string, zh: string, en: string])[],
  more?: More,
): FieldDefinition =>
  field('choice', name, zh, en, {
    choices: choices.map(([value, zh, en]): Choice => ({ value, label: { zh, en } })),
    ...more,
  })

/** What a public check never shows of a person. */
export const hidden = { disclosure: 'hidden' } as const
export const masked = { disclosure: 'masked' } as const

export const personName = (name = 'name', zh = '姓名', en = 'Name', more?: More): FieldDefinition =>
  text(name, zh, en, 30, { ...masked, role: 'holder-name', ...more })

export const identityNumber = (
  name = 'idNumber',
  zh = '公民身份号码',
  en = 'Identity number',
  more?: More,
): FieldDefinition => field('identity-number', name, zh, en, { ...masked, role: 'holder-code', ...more })

export const sex = (name = 'sex', zh = '性别', en = 'Sex'): FieldDefinition =>
  choice(
    name,
    zh,
    en,
    [
      ['male', '男', 'Male'],
      ['female', '女', 'Female'],
    ],
    hidden,
  )

export const bornOn = (name = 'bornOn', zh = '出生日期', en = 'Date of birth'): FieldDefinition =>
  day(name, zh, en, { ...hidden, latest: 'today' })

export const ethnicity = (name = 'ethnicity', zh = '民族', en = 'Ethnicity', more?: More): FieldDefinition =>
  text(name, zh, en, 12, { ...hidden, ...more })

export const photo = (): FieldDefinition =>
  field('picture', 'photo', '照片', 'Photo', {
    ...hidden,
    picture: { minSide: 240, maxSide: 4000, maxBytes: 2 * 1024 * 1024 },
    hint: { zh: '近期免冠照片，JPEG 或 PNG，不超过 2 MB', en: 'Recent photo, JPEG or PNG of at most 2 MB' },
  })

/** A made-up person before a plain ground. */
export const portrait = (
  paper: Drawing['paper'],
  coat: Drawing['paper'],
  hair: Drawing['paper'],
  skin: Drawing['paper'],
): Drawing => ({
  width: 300,
  height: 390,
  paper,
  shapes: [
    { ellipse: [150, 420, 138, 132], colour: coat },
    { box: [127, 240, 46, 66], colour: skin },
    { ellipse: [150, 152, 78, 92], colour: hair },
    { ellipse: [150, 174, 62, 80], colour: skin },
    { ellipse: [126, 170, 6, 6], colour: [40, 32, 30] },
    { ellipse: [174, 170, 6, 6], colour: [40, 32, 30] },
    { line: [136, 218, 164, 218], width: 5, colour: [186, 108, 98] },
    { line: [150, 312, 150, 390], width: 16, colour: [242, 242, 240] },
  ],
})
