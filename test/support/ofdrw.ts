// ofdrw's reader of e-seals with Bouncy Castle in one JVM: an implementation that shares nothing with ours.
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'
import { run } from './tools.ts'

const judges = join(packageRoot, '.cache', 'judges')
const libraries = join(judges, 'ofdrw')
const classes = join(judges, 'ofdrw-classes')

/** What has to be installed for `askOfdrw`. */
export const ofdrwJudge = ['java', libraries, classes]

/** What ofdrw says of an SESeal, and of an SES_Signature around one. Undefined members: not asked, or `fault` says why not. */
export interface OfdrwAnswer {
  readonly file: string
  /** It could not be read. */
  readonly fault?: string
  readonly esID?: string
  readonly version?: number
  readonly name?: string
  readonly validEnd?: string
  readonly pictureType?: string
  readonly pictureDigest?: string
  readonly makerSigned?: boolean
  readonly dataHash?: string
  readonly propertyInfo?: string
  readonly time?: string
  readonly timeStamped?: boolean
  readonly signerSigned?: boolean
}

/** Answers in the order of the questions. */
export function askOfdrw(
  questions: readonly { readonly kind: 'seal' | 'signature'; readonly file: string }[],
): OfdrwAnswer[] {
  const lines = questions.map(({ kind, file }) => `${kind}\t${file}\n`).join('')
  const { stdout, output } = run(
    'java',
    ['-cp', `${classes}:${join(libraries, '*')}`, 'OfdrwJudge'],
    new TextEncoder().encode(lines),
  )
  const answers = stdout.trim().split('\n')
  if (answers.length !== questions.length)
    throw new Error(`${answers.length} answers to ${questions.length} questions: ${output}`)
  return answers.map((answer) => JSON.parse(answer) as OfdrwAnswer)
}
