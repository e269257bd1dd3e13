import type { Db } from '../client.ts'

/**
 * Returns the number of entities that use each kind of playback source, and the id of one such entity. Bunny has two kinds: embedded videos
 * and paths. The kind is null for videos without a source; other entities without a source are usually containers, which nobody plays.
 */
export const playbackSourceUse = (db: Db): Promise<{ kind: string | null; entities: number; example: string }[]> =>
  db.$queryRaw`
    select case when playback is null then null when playback ->> 'provider' <> 'bunny' then playback ->> 'provider' when playback ? 'path' then 'bunny_cdn' else 'bunny_stream' end
      as kind, count(*)::int as entities, min(id) as example
    from entities where playback is not null or type = 'video' group by kind order by kind`
