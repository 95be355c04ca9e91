// `example`: which licence types there are, and made-up data of one as `issue` takes it.
import { LicenceError } from '../../licence-service/index.ts'
import { exampleInput, findTemplate, type LicenceDefinition, listTemplates } from '../../templates/index.ts'

const typeLines = (): string[] => listTemplates().map(({ typeCode, name }) => `${typeCode}  ${name.zh}  ${name.en}`)

/** The newest definition of a type. Throws LICENCE_TYPE_UNKNOWN, which names the types there are. */
export function definitionOf(typeCode: string): LicenceDefinition {
  const definition = findTemplate(typeCode)
  if (definition) return definition
  throw new LicenceError(
    'LICENCE_TYPE_UNKNOWN',
    ['there is no such licence type; there are:', ...typeLines()].join('\n  '),
  )
}

/** Without a code: the types, one a line. With one: JSON of a made-up holder, pictures in base64. */
export function example(typeCode: string | undefined): void {
  if (typeCode === undefined) console.log(typeLines().join('\n'))
  else console.log(JSON.stringify(exampleInput(definitionOf(typeCode)), undefined, 2))
}
