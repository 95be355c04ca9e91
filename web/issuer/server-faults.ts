import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import type { Definition } from './definition.ts'
import type { FormFault } from './form-checks.ts'
import { BODY_PLACE, type FormValues, rowKeySent } from './form-values.ts'

const unnamed: Text = { zh: '这一项不符合要求。', en: 'This entry does not meet the rules.' }

/** The parts of a JSON Pointer (RFC 6901) below `/data` or `/fields`, which the server may or may not put in front. */
export function pointerParts(pointer: string): string[] {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
  while (parts[0] === 'data' || parts[0] === 'fields') parts.shift()
  return parts
}

function placeOf(parts: readonly string[], definition: Definition, values: FormValues): string | undefined {
  const field = definition.fields.find(({ name }) => name === parts[0])
  if (!field) return undefined
  const value = values.fields[field.name]
  if (!Array.isArray(value) || parts[1] === undefined) return field.name
  const key = rowKeySent(value, Number(parts[1]))
  const column = field.columns?.find(({ name }) => name === parts[2])
  return key !== undefined && column ? `${field.name}.${key}.${column.name}` : field.name
}

/** The server's faults at their places in the form; what has no place there is told apart, so that nothing is lost. */
export function placeFaults(
  faults: readonly FieldFault[],
  definition: Definition,
  values: FormValues,
): { placed: FormFault[]; elsewhere: Text[] } {
  const placed: FormFault[] = []
  const elsewhere: Text[] = []
  for (const { pointer, detail } of faults) {
    const text = typeof detail === 'object' ? detail : detail ? { zh: detail, en: detail } : unnamed
    const isOfBody = pointer === '/body' || pointer.startsWith('/body/')
    const place = isOfBody ? BODY_PLACE : placeOf(pointerParts(pointer), definition, values)
    if (place) placed.push({ place, text })
    else elsewhere.push(text)
  }
  return { placed, elsewhere }
}
