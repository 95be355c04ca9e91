// A thread that draws and judges licences. It holds no key and reaches nothing: pure functions with their caches.
import { createHash } from 'node:crypto'
import { serveTasks } from '../platform/workers/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  createFonts,
  findTemplate,
  renderLicence,
  TemplateError,
} from '../templates/index.ts'
import { type VerificationReport, verifyDocument } from '../verifier/index.ts'
import type { JudgeTask, PlainPage, RenderTask } from './mint-pool.ts'
import { createKeptPolicies } from './task-copies.ts'

const kept = createKeptPolicies()

async function judge({ documents, evidence, policy, at }: JudgeTask): Promise<VerificationReport[]> {
  const known = kept(policy)
  const reports: VerificationReport[] = []
  for (const document of documents) reports.push(await verifyDocument(document, evidence, known, at))
  return reports
}

const fonts = createFonts()
const templates = new Map<string, CompiledTemplate>()

function templateOf(typeCode: string): CompiledTemplate {
  let compiled = templates.get(typeCode)
  if (compiled === undefined) {
    const definition = findTemplate(typeCode)
    if (definition === undefined) throw new TypeError(`there is no licence type ${typeCode}`)
    templates.set(typeCode, (compiled = compileTemplate(definition, fonts)))
  }
  return compiled
}

function render({ pages }: RenderTask): PlainPage[] {
  return pages.map(({ typeCode, ...input }) => {
    try {
      const { pdf, sealCentre } = renderLicence(templateOf(typeCode), input)
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
  return { result, transfer: result.flatMap((page) => (page.ok ? [page.pdf.buffer as ArrayBuffer] : [])) }
})
