-- The search ignores case and accents, regardless of the database's locale: with the locale C, Postgres would lowercase only A to Z.
-- packages/db, reads/entity-list.ts folds the words of a query in the same way.

-- DropIndex
DROP INDEX "entities_title_words";

-- contract: the column is added again in the same transaction, because its expression cannot be changed before Postgres 17. Servers of the
-- previous version still find titles in the letters A to Z.
ALTER TABLE "entities" DROP COLUMN "title_words";

CREATE OR REPLACE FUNCTION title_words(p_title text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('simple', regexp_replace(
        regexp_replace(lower(normalize(p_title, NFKD) COLLATE "und-x-icu"), '[\u0300-\u036F]', '', 'g'), '[!-/:-@[-`{-~]+', ' ', 'g'))
$$;

ALTER TABLE "entities" ADD COLUMN "title_words" tsvector GENERATED ALWAYS AS (title_words("title")) STORED;

-- CreateIndex
CREATE INDEX "entities_title_words" ON "entities" USING gin ("title_words") WITH (fastupdate = off);
