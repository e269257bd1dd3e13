import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useShop, useUser } from '../context.tsx'
import { NoFilm } from '../problem.ts'
import { Failure, Waiting } from './notice.tsx'

/**
 * Plays what a playback token opens. The demo's clip is small: it is fetched whole, with the token in a header, so that no address holds it. A
 * player of HLS or DASH sets the same header on each of its requests and asks for the next token before `expiresAt`.
 */
export const Player = ({ entityId, title }: { entityId: string; title: string }) => {
  const { client } = useShop()
  const user = useUser()
  const film = useQuery({
    queryKey: ['film', user, entityId],
    queryFn: async ({ signal }) => {
      const { token } = await client.access.playbackToken.mutate({ entityId })
      const answer = await fetch(`/media/${entityId}/clip.webm`, { headers: { authorization: `Bearer ${token}` }, signal })
      if (!answer.ok) throw new NoFilm(`The film answers ${answer.status}`)
      return answer.blob()
    },
    // What has been fetched plays on; it is not kept for a viewer who comes back later, perhaps without access.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const address = useObjectUrl(film.data)
  if (film.isError) return <Failure error={film.error} retry={() => void film.refetch()} />
  if (address === null) return <Waiting what="Threading the film …" />
  return <video className="player" controls muted playsInline loop src={address} aria-label={title} />
}

const useObjectUrl = (blob: Blob | undefined): string | null => {
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    if (!blob) return
    const made = URL.createObjectURL(blob)
    setAddress(made)
    return () => {
      setAddress(null)
      URL.revokeObjectURL(made)
    }
  }, [blob])
  return address
}
