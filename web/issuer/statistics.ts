import { callApi, fetchFile } from '../kit/api.ts'
import type { ToldCount } from '../kit/format.ts'
import { language, type Text } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Figures and disputes as the console reads them. Errors as `callApi`. */

export type Statistic = 'issuance' | 'status' | 'use' | 'quality'

export interface Span {
  /** Days, both included. */
  readonly from: string
  readonly to: string
}

export interface FigureItem {
  readonly key: string
  readonly name: Text | null
  /** Null: not told, being too few of another department, or the one more by which such few could be told. */
  readonly figures: Readonly<Record<string, number | null>>
}

const query = (span: Span, by: string): string => new URLSearchParams({ ...span, by }).toString()

export const readFigures = async (statistic: Statistic, span: Span, by: string): Promise<readonly FigureItem[]> =>
  (
    await withSession(() =>
      callApi<{ readonly items: readonly FigureItem[] }>(`/api/statistics/${statistic}?${query(span, by)}`),
    )
  ).items

export const fileFormats = ['xlsx', 'csv'] as const
export type FileFormat = (typeof fileFormats)[number]
export const exportFigures = (statistic: Statistic, span: Span, by: string, format: FileFormat): Promise<Blob> =>
  withSession(() =>
    fetchFile(`/api/statistics/${statistic}/export.${format}?${query(span, by)}&lang=${language.value}`),
  )

/** The sum of these figures of the groups; what is not told is not in it. */
export function sumOf(items: readonly FigureItem[], ...names: readonly string[]): ToldCount {
  const figures = items.flatMap((item) => names.map((name) => item.figures[name]))
  const isLeast = figures.includes(null)
  const value = figures.reduce<number>((sum, figure) => sum + (figure ?? 0), 0)
  return { value: isLeast && value === 0 ? null : value, isLeast }
}

export interface Dispute {
  readonly dispute: string
  readonly identifier: string
  readonly field: string | null
  /** Null where the server tells no more than was named. */
  readonly about: {
    readonly typeName: Text
    readonly number: string
    readonly field: Text | null
    readonly replacedBy: string | null
  } | null
  /** Null once the personal data were erased. */
  readonly words: string | null
  readonly raisedByKind: 'holder' | 'department'
  readonly raisedAt: string
  readonly answerUntil: string
  readonly isLate: boolean
}

export const listDisputes = (cursor: string): Promise<PageOf<Dispute>> => {
  const given = cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`
  return withSession(() => callApi(`/api/disputes${given}`))
}

/** Answers a dispute; with the version that says it right where it was accepted. */
export const answerDispute = (id: string, words: string, correctedBy: string): Promise<unknown> =>
  withSession(() =>
    callApi(`/api/disputes/${encodeURIComponent(id)}/${correctedBy === '' ? 'answers' : 'corrections'}`, {
      method: 'POST',
      body: correctedBy === '' ? { words } : { words, correctedBy },
    }),
  )
