import type { Outputs } from '@pay-to-view/client'

type Entry = Outputs['admin']['audit']['list']['items'][number]

/** Who made a change: a person or a command, or an API key by its name. */
export const ActorName = ({ actor, actorName }: Pick<Entry, 'actor' | 'actorName'>) =>
  actorName === null ? (
    <>
      by <bdi>{actor}</bdi>
    </>
  ) : (
    <>
      by the API key <bdi title={actor}>{actorName}</bdi>
    </>
  )
