// The people of the directory, as the seal service asks for them.
import { type Directory, PERMISSIONS, type Permission } from '../directory/index.ts'
import type { People } from '../seal-service/index.ts'

const isPermission = (text: string): text is Permission => (PERMISSIONS as readonly string[]).includes(text)

export function peopleOf(directory: Directory): People {
  return {
    isPermitted: (principal, permission) => directory.isPermitted(principal, permission),
    mayNow: async (principal, permission) =>
      isPermission(permission) && (await directory.mayNow(principal, permission)),
    requireStepUp: (principal) => directory.requireStepUp(principal),
    async keepersOf(departmentCode) {
      const people = await directory.people({ departmentCodes: [departmentCode], role: 'seal-keeper', isOpen: true })
      return people.map(({ id, name }) => ({ id, name }))
    },
    async department(code) {
      const department = await directory.department(code)
      if (department === undefined) return undefined
      const { name, closedAt, successorCode } = department
      return { name: name.zh, closedAt: closedAt ?? null, successorCode: successorCode ?? null }
    },
  }
}
