import { ref } from 'vue'
import { callApi } from './api.ts'
import { say, type Text } from './language.ts'
import { withSession } from './session.ts'

/** Names of departments and people by their codes and ids; what is not known is shown as it came. */
const departments = ref<ReadonlyMap<string, Text>>(new Map())
const people = ref<ReadonlyMap<string, string>>(new Map())

async function load(): Promise<void> {
  const [found, colleagues] = await Promise.all([
    callApi<{ readonly departments: readonly { readonly code: string; readonly name: Text }[] }>('/api/departments'),
    withSession(() =>
      callApi<{ readonly items: readonly { readonly id: string; readonly name: string }[] }>('/api/people'),
    ).catch(() => ({ items: [] })),
  ])
  departments.value = new Map(found.departments.map(({ code, name }) => [code, name]))
  people.value = new Map(colleagues.items.map(({ id, name }) => [id, name]))
}

/** Asks for the names where they are not there yet; codes stand for them until they come, or if they do not. */
export function loadNames(): void {
  if (departments.value.size === 0) load().catch(() => undefined)
}

export const departmentName = (code: string): string => {
  const name = departments.value.get(code)
  return name ? say(name) : code
}
/** The departments there are, by code, once they have come. */
export const allDepartments = (): readonly (readonly [string, Text])[] => [...departments.value]

const types = ref<ReadonlyMap<string, Text>>(new Map())

async function loadTypes(): Promise<void> {
  const found = await callApi<{ readonly types: readonly { readonly typeCode: string; readonly name: Text }[] }>(
    '/api/catalogue',
  )
  types.value = new Map(found.types.map(({ typeCode, name }) => [typeCode, name]))
}

/** Asks for the names of the licence types where they are not there yet. */
export function loadTypeNames(): void {
  if (types.value.size === 0) loadTypes().catch(() => undefined)
}

/** What a licence type is called; undefined until that has come. */
export const typeName = (typeCode: string): string | undefined => {
  const name = types.value.get(typeCode)
  return name && say(name)
}

const ofSystem: Text = { zh: '系统', en: 'the system' }
/** What stands where somebody acted or keeps something: the service itself is called so. */
export const actorName = (name: string): string => (name.startsWith('system:') ? say(ofSystem) : name)
export const personName = (id: string): string => people.value.get(id) ?? actorName(id)
