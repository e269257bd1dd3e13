/** Text that Postgres can keep and tell again: no NUL (it takes none in text or jsonb) and no half of a surrogate pair (jsonb takes none). */
export const storable = /^[^\0\ud800-\udfff]*$/u
