/** Matches text that Postgres can store in text and jsonb: without NUL and without unpaired surrogates. */
export const storableText = /^[^\0\ud800-\udfff]*$/u
