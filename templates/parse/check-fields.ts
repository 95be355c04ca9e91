import type { FieldDefinition, FieldRole, FieldType, LicenceDefinition } from '../definition.ts'
import { step } from '../validate/fault.ts'
import type { Report } from './fault.ts'

const typesOfRole: Readonly<Record<FieldRole, readonly FieldType[]>> = {
  'holder-name': ['text'],
  'holder-code': ['credit-code', 'identity-number', 'text'],
  'valid-from': ['date'],
  'valid-until': ['date', 'date-range-end'],
  'issued-on': ['date'],
}

/** Reports every name that a list has twice. */
function checkNames(names: readonly string[], at: (index: number) => string, report: Report): void {
  const seen = new Set<string>()
  for (const [i, name] of names.entries()) {
    if (seen.has(name)) report(at(i), 'NAMED_TWICE', name)
    seen.add(name)
  }
}

/** What fields, groups, number and example say of each other. */
export function checkFields(definition: LicenceDefinition, report: Report): void {
  const { fields } = definition
  checkNames(
    fields.map(({ name }) => name),
    (i) => `/fields/${i}/name`,
    report,
  )
  for (const [i, field] of fields.entries()) checkField(field, definition, `/fields/${i}`, report)
  checkRoles(fields, report)
  checkGroups(definition, report)
  checkNumber(definition, report)
  checkExample(definition, report)
}

function checkField(field: FieldDefinition, { fields }: LicenceDefinition, at: string, report: Report): void {
  const { type, role, notBefore } = field
  const belongs = {
    choices: type === 'choice',
    columns: type === 'table',
    rows: type === 'table',
    picture: type === 'picture',
  }
  for (const [member, isWanted] of Object.entries(belongs)) {
    const isThere = Object.hasOwn(field, member)
    if (isWanted && !isThere) report(step(at, member), 'MEMBER_MISSING')
    if (!isWanted && isThere) report(step(at, member), 'MEMBER_UNKNOWN')
  }
  const namesOf = (items: readonly string[], member: string, key: string) =>
    checkNames(items, (i) => `${at}/${member}/${i}/${key}`, report)
  namesOf(field.choices?.map(({ value }) => value) ?? [], 'choices', 'value')
  namesOf(field.columns?.map(({ name }) => name) ?? [], 'columns', 'name')
  if (field.rows && field.rows.min > field.rows.max) report(`${at}/rows/min`, 'OUT_OF_RANGE', `0 – ${field.rows.max}`)
  if (field.picture && field.picture.minSide > field.picture.maxSide)
    report(`${at}/picture/minSide`, 'OUT_OF_RANGE', `1 – ${field.picture.maxSide}`)
  if (role && !typesOfRole[role].includes(type)) report(`${at}/type`, 'NOT_ONE_OF', typesOfRole[role].join(', '))
  if (field.mayBeOpen && type !== 'date-range-end') report(`${at}/mayBeOpen`, 'MEMBER_UNKNOWN')
  if (notBefore !== undefined && !fields.some(({ name, type }) => name === notBefore && type.startsWith('date')))
    report(`${at}/notBefore`, 'NOT_THERE', notBefore)
  if ((type === 'identity-number' || type === 'picture') && field.disclosure === 'public')
    report(`${at}/disclosure`, 'RULE_BROKEN', '身份号码和照片不得公开|Identity numbers and pictures are never public.')
}

function checkRoles(fields: readonly FieldDefinition[], report: Report): void {
  const count = (role: FieldRole) => fields.filter((field) => field.role === role).length
  const [names, codes] = [count('holder-name'), count('holder-code')]
  if (names === 0 || names !== codes)
    report(
      '/fields',
      'RULE_BROKEN',
      '每个持证主体须各有一个名称项和一个代码项|Each holder has one name field and one code field.',
    )
  for (const role of ['valid-from', 'valid-until', 'issued-on'] as const)
    if (count(role) > 1) report('/fields', 'NAMED_TWICE', role)
}

function checkGroups({ groups, fields }: LicenceDefinition, report: Report): void {
  const grouped = new Set<string>()
  for (const [g, group] of groups.entries()) {
    for (const [i, name] of group.fields.entries()) {
      const at = `/groups/${g}/fields/${i}`
      if (!fields.some((field) => field.name === name)) report(at, 'NOT_THERE', name)
      else if (grouped.has(name)) report(at, 'NAMED_TWICE', name)
      grouped.add(name)
    }
  }
  for (const [i, { name }] of fields.entries())
    if (!grouped.has(name)) report(`/fields/${i}`, 'RULE_BROKEN', '此项不在任何分组中|This field is in no group.')
}

function checkNumber({ number: { parts, restarts } }: LicenceDefinition, report: Report): void {
  const has = (member: string) => parts.some((part) => Object.hasOwn(part, member))
  if (parts.filter((part) => 'sequence' in part).length !== 1)
    report('/number/parts', 'RULE_BROKEN', '编号须恰有一段流水号|A number has exactly one running part.')
  const dated = { never: true, yearly: has('year') || has('day'), daily: has('day') }
  if (!dated[restarts])
    report(
      '/number/restarts',
      'RULE_BROKEN',
      '流水号重新起算须体现在编号中|Numbers that start again must name the year or day.',
    )
}

function checkExample({ fields, example, examplePictures = {} }: LicenceDefinition, report: Report): void {
  const isPicture = (name: string) => fields.some((field) => field.name === name && field.type === 'picture')
  for (const name of Object.keys(example))
    if (!fields.some((field) => field.name === name)) report(step('/example', name), 'NOT_THERE', name)
  for (const name of Object.keys(examplePictures))
    if (!isPicture(name)) report(step('/examplePictures', name), 'NOT_THERE', name)
}
