import { shallowReactive } from 'vue'
import { say, sayList, type Text } from '../kit/language.ts'
import { readDefinition } from './licences.ts'

/**
 * What the fields of licence types are called; their names in the data stand for themselves until a type's definition comes, and where
 * its template knows none of this name.
 */
export function useFieldNames() {
  const labels = shallowReactive(new Map<string, ReadonlyMap<string, Text>>())
  const asked = new Set<string>()
  async function ask(typeCode: string): Promise<void> {
    asked.add(typeCode)
    try {
      const { fields } = await readDefinition(typeCode)
      labels.set(typeCode, new Map(fields.map(({ name, label }) => [name, label])))
    } catch {
      // A list is no worse for the names that the data have.
    }
  }
  return (typeCode: string | null, names: readonly string[]): string => {
    if (typeCode !== null && names.length > 0 && !asked.has(typeCode)) void ask(typeCode)
    const known = labels.get(typeCode ?? '')
    return sayList(
      names.map((name) => {
        const label = known?.get(name)
        return label ? say(label) : name
      }),
    )
  }
}
