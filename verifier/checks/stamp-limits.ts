// How many time stamps are looked at: each costs paths, and anyone can add more.

/** Of one signature and of one kind. Real ones carry one. */
export const MOST_STAMPS = 8
/** Of one document and of one kind. Honest documents are renewed every few years. */
export const MOST_JUDGED = 64
