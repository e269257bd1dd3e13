import type { Db } from '../client.ts'

/**
 * Returns the number of entities that use each kind of playback source, and the id of one such entity. Bunny has two kinds: embedded videos
 * and paths.
 */
export const playbackSourceUse = (db: Db): Promise<{ kind: string; entities: number; example: string }[]> =>
  db.$queryRaw`
    select case when playback ->> 'provider' <> 'bunny' then playback ->> 'provider' when playback ? 'path' then 'bunny_cdn' else 'bunny_stream' end
      as kind, count(*)::int as entities, min(id) as example
    from entities where playback is not null group by kind order by kind`
