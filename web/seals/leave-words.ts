import type { Text } from '../kit/language.ts'
import { actionText } from './life-words.ts'

const purposes: Readonly<Record<string, Text>> = {
  documents: { zh: '公文等文件', en: 'documents' },
  licences: { zh: '印章适用的全部证照', en: 'every licence type of the seal' },
  copies: { zh: '证照的加注件', en: 'copies of licences' },
}
/** What leave is for; codes of types and templates stand for themselves. */
export const purposeText = (purpose: string): Text => purposes[purpose] ?? { zh: purpose, en: purpose }

/** Why leave ended: a step of the seal's life, what the service writes itself, or a person's own words. */
const causes: Readonly<Record<string, Text>> = {
  'its grantee left': { zh: '被授权人已离开单位', en: 'its grantee left' },
}
export const causeText = (cause: string): Text => causes[cause] ?? actionText(cause)
