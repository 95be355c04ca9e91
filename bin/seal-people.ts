// The people of the directory, as the seal service asks for them.
import { type Department, type Directory, PERMISSIONS, type Permission } from '../directory/index.ts'
import type { DepartmentFacts, People } from '../seal-service/index.ts'

const isPermission = (text: string): text is Permission => (PERMISSIONS as readonly string[]).includes(text)

const toFacts = ({ name, closedAt, successorCode }: Department): DepartmentFacts => ({
  ...{ name: name.zh, closedAt: closedAt ?? null, successorCode: successorCode ?? null },
})

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
      return department && toFacts(department)
    },
    async closedDepartments() {
      const closed = (await directory.departments()).filter(({ closedAt }) => closedAt != null)
      return new Map(closed.map((department) => [department.code, toFacts(department)]))
    },
  }
}
