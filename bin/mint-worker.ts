// A thread that draws and judges licences. It holds no key and reaches nothing: pure functions with their caches.
import { createHash } from 'node:crypto'
import type { Judgement } from '../licence-service/index.ts'
import { serveTasks } from '../platform/workers/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  createFonts,
  type LicenceDefinition,
  renderLicence,
  TemplateError,
} from '../templates/index.ts'
import { type VerificationReport, verifyDocument } from '../verifier/index.ts'
import type { JudgeTask, PlainPage, RenderTask, Untold } from './mint-pool.ts'
import { createKeptPolicies } from './task-copies.ts'

const kept = createKeptPolicies()

async function judge({ documents, evidence, policy, at }: JudgeTask): Promise<Judgement[]> {
  const known = kept(policy)
  const judged: Judgement[] = []
  for (const document of documents) judged.push(toJudgement(await verifyDocument(document, evidence, known, at)))
  return judged
}

const toJudgement = (report: VerificationReport): Judgement => ({
  verdict: report.verdict,
  reason: report.reason,
  documentChangedAfterSeal: report.documentChangedAfterSeal,
  licence: report.licence && { identifier: report.licence.identifier },
  findings: report.findings.map(({ check, outcome, code }) => ({ check, outcome, code })),
  signatures: report.signatures.map(({ type, integrity, indication, level, signedDigest }) => {
    return { type, integrity, indication, level, signedDigest }
  }),
})

const fonts = createFonts()
/** A compiled template holds fonts' tables and buffers of some megabytes. */
const MOST_TEMPLATES = 64
const templates = new Map<string, CompiledTemplate>()
const nameOf = (typeCode: string, templateVersion: number) => `${typeCode} ${templateVersion}`

function learn(definition: LicenceDefinition): void {
  const name = nameOf(definition.typeCode, definition.templateVersion)
  const known = templates.get(name)
  // What is told anew is used now: it goes to the end, the oldest of the others goes.
  templates.delete(name)
  if (templates.size >= MOST_TEMPLATES) templates.delete(templates.keys().next().value!)
  templates.set(name, known ?? compileTemplate(definition, fonts))
}

function render({ pages, definitions }: RenderTask): PlainPage[] | Untold {
  for (const definition of definitions) learn(definition)
  const compiled = pages.map(({ typeCode, data }) => templates.get(nameOf(typeCode, data.templateVersion)))
  const isTold = (template: CompiledTemplate | undefined): template is CompiledTemplate => template !== undefined
  if (!compiled.every(isTold)) return { untold: true }
  return pages.map(({ typeCode: _, ...input }, index) => {
    try {
      const { pdf, sealCentre } = renderLicence(compiled[index]!, input)
      return { ok: true, pdf, sealCentre, unsignedDigest: createHash('sha256').update(pdf).digest('hex') }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      return { ok: false, code: error.code, message: error.message }
    }
  })
}

serveTasks(async (task: JudgeTask | RenderTask) => {
  if (task.what === 'judge') return { result: await judge(task) }
  const result = render(task)
  if ('untold' in result) return { result }
  return { result, transfer: result.flatMap((page) => (page.ok ? [page.pdf.buffer as ArrayBuffer] : [])) }
})
