import type { Level } from './level.ts'

/** Millimetres, on the page as it is shown. */
export type Millimetres = number

/** One place or several where a seal is asked to stand. Pages count from 1; -1 is the last one. */
export type DocumentPlace = PointPlace | TextPlace | EdgePlace

/** Centre of the seal, from the lower left corner of the page. */
export interface PointPlace {
  readonly at: 'point'
  readonly page: number
  readonly x: Millimetres
  readonly y: Millimetres
}

/** Centre of the seal on the middle of a text, moved to the right and up. */
export interface TextPlace {
  readonly at: 'text'
  readonly text: string
  /** Its number from 1 in reading order. */
  readonly occurrence: 'first' | 'last' | 'all' | number
  /** First and last page; all when left out. */
  readonly pages?: readonly [from: number, to: number] | undefined
  readonly right?: Millimetres | undefined
  readonly up?: Millimetres | undefined
}

/** The straddle seal (骑缝章): over the edges of these pages. */
export interface EdgePlace {
  readonly at: 'edge'
  readonly edge: 'left' | 'right'
  /** First and last page; all when left out. */
  readonly pages?: readonly [from: number, to: number] | undefined
  /** Height of the centre above the lower edge; the middle when left out. */
  readonly y?: Millimetres | undefined
  /** Pages that share one picture at most. */
  readonly mostPages?: number | undefined
}

/** A field for a signature that follows, such as that of the official who signs (签发人): its lower left corner and size. */
export interface FieldToPrepare {
  readonly name: string
  readonly page: number
  readonly x: Millimetres
  readonly y: Millimetres
  readonly width: Millimetres
  readonly height: Millimetres
}

/**
 * What the signature says of later changes. final: nothing may change. open: only the fields prepared with it may be filled. none: an
 * approval signature beside others.
 */
export const certifications = ['final', 'open', 'none'] as const
export type Certification = (typeof certifications)[number]

/** How documents are to be sealed. */
export interface DocumentTerms {
  readonly places: readonly DocumentPlace[]
  /** A signature field of the document that is filled, in place of `places`. */
  readonly field?: string | undefined
  /** `final` for a document without signatures, `none` for one with some, when left out. */
  readonly certification?: Certification | undefined
  /** Only with `open`. */
  readonly fields?: readonly FieldToPrepare[] | undefined
  readonly reason?: string | undefined
  readonly level: Level
  /** Code of the template it was made from; without one it is some official document. */
  readonly templateCode: string | null
  /** Whether the sealed document is kept here. */
  readonly keep: boolean
}

/** Places, fields and pages asked for at once. */
export const mostPlaces = 50

const POINTS_PER_MM = 72 / 25.4

export const toPoints = (millimetres: Millimetres): number => millimetres * POINTS_PER_MM
export const toMillimetres = (points: number): Millimetres => Math.round((points / POINTS_PER_MM) * 100) / 100

/** Index from 0 of a page counted from 1, or from the end by negative numbers. May lie outside. */
export const pageIndex = (page: number, count: number): number => (page < 0 ? count + page : page - 1)

/** What a document is called on the records of uses and in the ledger. */
export const documentIdentifier = (documentId: string): string => `document:${documentId}`
