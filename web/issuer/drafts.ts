import { freshKey } from '../kit/ids.ts'
import type { FormBody } from './bodies.ts'
import type { Definition } from './definition.ts'
import type { FormValues } from './form-values.ts'

/**
 * A draft lives in this tab until it is minted or thrown away. Its `Idempotency-Key` belongs to exactly these values:
 * a retry after a lost answer sends the same key and cannot make a second licence; any edit takes a fresh one.
 */
export interface Draft {
  readonly values: FormValues
  readonly key: string
  /** The document that was handed in, which the service keeps for some days. */
  readonly body?: FormBody | undefined
}

const nameOf = (name: string) => `zhengyin-draft-${name}`

export function readDraft(name: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(nameOf(name))
    return text ? (JSON.parse(text) as Draft) : undefined
  } catch {
    return undefined
  }
}

const withoutPictures = (definition: Definition, values: FormValues): FormValues => {
  const pictures = new Set(definition.fields.filter(({ type }) => type === 'picture').map(({ name }) => name))
  const fields = Object.entries(values.fields).map(([name, value]) => [name, pictures.has(name) ? '' : value] as const)
  return { fields: Object.fromEntries(fields), open: values.open }
}

/** Keeps the draft; when storage is too small for its pictures they are left out, when there is none nothing is kept. */
export function writeDraft(name: string, definition: Definition, draft: Draft): void {
  try {
    sessionStorage.setItem(nameOf(name), JSON.stringify(draft))
  } catch {
    try {
      // Without its pictures the draft is other data, so the key must not survive with it.
      const values = withoutPictures(definition, draft.values)
      sessionStorage.setItem(nameOf(name), JSON.stringify({ ...draft, values, key: freshKey() } satisfies Draft))
    } catch {
      dropDraft(name)
    }
  }
}

export function dropDraft(name: string): void {
  try {
    sessionStorage.removeItem(nameOf(name))
  } catch {
    // Storage is refused: nothing was kept either.
  }
}

/** Drafts of one tab are kept apart by department and by what is being made. */
export const draftName = (department: string, what: string): string => `${department}-${what}`
