import type { createCaller } from './api.ts'

type Caller = ReturnType<typeof createCaller>

/** Civil affairs of the demonstration, and a licence type that it does not have yet. */
export const civilAffairs = '11330199MB3301271B'
export const gradeType = `${civilAffairs}901`

interface Definition {
  readonly fields: readonly object[]
  readonly groups: readonly { readonly name: object; readonly fields: readonly string[] }[]
  readonly example: Readonly<Record<string, unknown>>
  readonly layout: { readonly pages: readonly { readonly elements: readonly Record<string, unknown>[] }[] }
}

const rowsWithGrade = (element: Record<string, unknown>) =>
  element['kind'] === 'rows' && Array.isArray(element['rows'])
    ? { ...element, rows: [...element['rows'], { label: '评估等级', text: '{fields.grade}' }] }
    : element

/** What the studio begins with, and a grade that may change during the life of a licence. */
function withGrade(definition: Definition): object {
  const grade = { name: 'grade', label: { zh: '评估等级', en: 'Grade' }, type: 'text', required: true }
  const pages = definition.layout.pages.map((page) => ({ ...page, elements: page.elements.map(rowsWithGrade) }))
  return {
    ...definition,
    fields: [...definition.fields, { ...grade, disclosure: 'public', maxLength: 10 }],
    groups: definition.groups.map((group) => ({ ...group, fields: [...group.fields, 'grade'] })),
    example: { ...definition.example, grade: '5A' },
    layout: { ...definition.layout, pages },
  }
}

/** Draws the template as the editor and publishes it as the reviewer. */
export async function publishTemplate(call: Caller, typeCode: string): Promise<void> {
  const at = `/api/templates/${typeCode}`
  type Opened = { readonly definition: Definition; readonly definitionDigest: string | null }
  const opened = await call<Opened>('civil-catalogue-editor', 'GET', `${at}/draft`)
  const draft = { definition: withGrade(opened.definition), replaces: opened.definitionDigest }
  const { definitionDigest } = await call<{ definitionDigest: string }>(
    'civil-catalogue-editor',
    'PUT',
    `${at}/draft`,
    draft,
  )
  for (const step of ['reviews', 'publications'])
    await call('civil-licence-reviewer', 'POST', `${at}/${step}`, { definitionDigest })
}

/** A department of the demonstration that has a seal made, and the stem of its accounts' names. */
interface SealOwner {
  readonly stem: string
  readonly code: string
  readonly name: string
}
const civil: SealOwner = { stem: 'civil', code: civilAffairs, name: '云汀市民政局' }

/** A seal of a department for licences of a type, from its application to its keeper; its code. */
export const makeSealFor = (call: Caller, typeCode: string, owner = civil): Promise<string> => {
  const wanted = {
    name: `${owner.name}社会组织评估专用章`,
    kindCode: '11',
    picture: {
      ...{ shape: 'round', diameterMm: 42, ringText: owner.name, ringTextEn: null },
      ...{ centre: 'star', lowerText: '评估专用章', code: null },
    },
    typeCodes: [typeCode],
    reason: '新证照类型用印',
  }
  return makeSeal(call, wanted, owner)
}

interface WantedSeal {
  readonly name: string
  readonly kindCode: string
  readonly picture: object
  readonly typeCodes: readonly string[]
  readonly reason: string
}

/** A seal, from its application to its keeper; its code. */
export async function makeSeal(call: Caller, wanted: WantedSeal, owner = civil): Promise<string> {
  const rest = {
    nameEn: null,
    certificate: 'own',
    physicalSealNumber: null,
    replaces: null,
    legalBasis: null,
    files: [],
  }
  const form = { ...wanted, ...rest }
  const { id } = await call<{ id: string }>(`${owner.stem}-applicant`, 'POST', '/api/seal-applications', form)
  type Seal = { readonly application: { digest: string } | null; readonly drawnPicture: { digest: string } | null }
  const read = () => call<Seal>('seals-reviewer', 'GET', `/api/seals/${id}`)
  const step = (username: string, body: object) => call(username, 'POST', `/api/seals/${id}/actions`, body)
  await step('seals-reviewer', { action: 'approve', applicationDigest: (await read()).application?.digest })
  await step('seals-maker', { action: 'draw' })
  await step('seals-reviewer', { action: 'approve-picture', pictureDigest: (await read()).drawnPicture?.digest })
  await step('seals-maker', { action: 'make' })
  await step('seals-maker', { action: 'file' })
  const keepers = `/api/people?role=seal-keeper&departmentCode=${owner.code}`
  const { items } = await call<{ items: readonly { id: string }[] }>('seals-maker', 'GET', keepers)
  await step('seals-maker', { action: 'issue', keeperId: items[0]?.id })
  await step(`${owner.stem}-keeper`, { action: 'accept' })
  return id
}
