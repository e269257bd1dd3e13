'use client'

import { type ReactNode, useEffect, useState } from 'react'

/** Whether the URL is a page with the provider's own player: Bunny Stream has one. */
export const isEmbed = (url: string): boolean => URL.canParse(url) && new URL(url).hostname === 'iframe.mediadelivery.net'

interface EmbedProps {
  url: string
  title: string
  setPlaying: (isPlaying: boolean) => void
}

/** The provider's player in a frame. It does not say whether it plays, so it keeps its place while it is shown. */
export const Embed = ({ url, title, setPlaying }: EmbedProps): ReactNode => {
  // A new URL would start the film again, and the token in the current one is valid for the whole film.
  const [firstUrl] = useState(url)
  useEffect(() => setPlaying(true), [setPlaying])
  return <iframe src={firstUrl} title={title} allow="autoplay; encrypted-media; fullscreen; picture-in-picture" allowFullScreen />
}
