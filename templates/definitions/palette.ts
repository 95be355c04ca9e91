import type { Colour } from '../layout.ts'

/** Colours the forms share. */
export const paper: Colour = [1, 0.996, 0.972]
export const ink: Colour = [0.09, 0.09, 0.1]
export const labelInk: Colour = [0.27, 0.22, 0.14]
export const quietInk: Colour = [0.42, 0.39, 0.34]
export const gold: Colour = [0.71, 0.55, 0.24]
export const deepGold: Colour = [0.6, 0.44, 0.15]
export const paleGold: Colour = [0.93, 0.87, 0.72]
export const mistGold: Colour = [0.965, 0.935, 0.855]
export const vermilion: Colour = [0.76, 0.16, 0.13]
