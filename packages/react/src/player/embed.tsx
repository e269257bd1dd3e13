'use client'

import { type ReactNode, useEffect, useState } from 'react'

/** Whether the URL is a page with the provider's own player, such as Bunny Stream's. */
export const isEmbed = (url: string): boolean => URL.canParse(url) && new URL(url).hostname === 'iframe.mediadelivery.net'

interface EmbedProps {
  url: string
  title: string
  setPlaying: (isPlaying: boolean) => void
}

/** The provider's player in a frame. It does not report whether it is playing, so the session keeps its place while the frame is shown. */
export const Embed = ({ url, title, setPlaying }: EmbedProps): ReactNode => {
  // Keeps the first URL, because a new URL would restart the film. The first token is valid for the whole film.
  const [firstUrl] = useState(url)
  useEffect(() => setPlaying(true), [setPlaying])
  return <iframe src={firstUrl} title={title} allow="autoplay; encrypted-media; fullscreen; picture-in-picture" allowFullScreen />
}
