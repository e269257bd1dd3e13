import type { Outputs } from '@pay-to-view/client'

type Entry = Outputs['admin']['audit']['list']['items'][number]

/** Shows who made a change: a person, a command or an API key. */
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
