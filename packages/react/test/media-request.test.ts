import type { PlaybackSource } from '@pay-to-view/client'
import { expect, test } from 'vitest'
import { isHls, mediaRequest, urlWithToken } from '../src/player/media-request.ts'

const source = (provider: PlaybackSource['provider'], url: string | null, token: string): PlaybackSource => ({
  ...{ provider, url, token },
  thumbnailUrl: null,
  expiresAt: '2026-11-30T12:00:00.000Z',
})

test("own: the current token is in the header of requests to the media's origin, and of no other requests", () => {
  const [master, own] = ['https://media.test/film/master.m3u8', source('own', 'https://media.test/film/master.m3u8', 'new')]
  for (const file of ['https://media.test/film/master.m3u8', 'https://media.test/film/01.m4s?part=2', 'https://media.test/key'])
    expect(mediaRequest(file, master, own)).toEqual({ url: file, headers: { authorization: 'Bearer new' } })
  const elsewhere = 'https://ads.test/01.m4s'
  expect(mediaRequest(elsewhere, master, own)).toEqual({ url: elsewhere, headers: {} })
})

test('own without a URL in its settings: the page provides the URL', () => {
  const page = 'https://shop.test/media/film/master.m3u8'
  expect(mediaRequest(page, page, source('own', null, 'new')).headers).toEqual({ authorization: 'Bearer new' })
})

test('bunny and cloudflare: the token in the path of a segment is replaced', () => {
  const bunny = (token: string) => `https://zone.b-cdn.net/bcdn_token=${token}&expires=1&token_path=%2Ffilm%2F/film/playlist.m3u8`
  const segment = (token: string) => bunny(token).replace('playlist.m3u8', '720p/video1.ts')
  expect(mediaRequest(segment('old'), bunny('old'), source('bunny', bunny('new'), 'new')).url).toBe(segment('new'))
  expect(mediaRequest(bunny('old'), bunny('old'), source('bunny', bunny('new'), 'new')).url).toBe(bunny('new'))

  const cloudflare = (token: string) => `https://customer-a.cloudflarestream.com/${token}/manifest/video.m3u8`
  const stream = (token: string) => `https://customer-a.cloudflarestream.com/${token}/stream_1.m3u8?side=1`
  const url = mediaRequest(stream('old'), cloudflare('old'), source('cloudflare', cloudflare('new'), 'new')).url
  expect(url).toBe(stream('new'))
})

test('cloudfront: the signature is added to the query of every segment', () => {
  const cloudfront = (policy: string) => `https://d1.cloudfront.net/film/master.m3u8?Policy=${policy}&Signature=s&Key-Pair-Id=k`
  const request = mediaRequest(
    'https://d1.cloudfront.net/film/1.ts?a=b',
    cloudfront('old'),
    source('cloudfront', cloudfront('new'), 'new'),
  )
  expect(request).toEqual({ url: 'https://d1.cloudfront.net/film/1.ts?a=b&Policy=new&Signature=s&Key-Pair-Id=k', headers: {} })
  expect(mediaRequest(cloudfront('old'), cloudfront('old'), source('cloudfront', cloudfront('new'), 'new')).url).toBe(
    cloudfront('new'),
  )
})

test('mux: only the first playlist has the token; all other playlists have their own signatures', () => {
  const mux = (token: string) => `https://stream.mux.com/abc.m3u8?token=${token}`
  expect(mediaRequest(mux('old'), mux('old'), source('mux', mux('new'), 'new')).url).toBe(mux('new'))
  const rendition = 'https://stream.mux.com/rendition.m3u8?signature=x'
  expect(mediaRequest(rendition, mux('old'), source('mux', mux('new'), 'new')).url).toBe(rendition)
})

test("a player that sends no headers sends the token for the site's own server in the query", () => {
  const url = 'https://media.test/film.mp4?a=b'
  expect(urlWithToken(url, source('own', url, 'new'))).toBe('https://media.test/film.mp4?a=b&token=new')
  const signed = 'https://stream.mux.com/abc.m3u8?token=t'
  expect(urlWithToken(signed, source('mux', signed, 't'))).toBe(signed)
  expect([isHls(url), isHls(signed)]).toEqual([false, true])
})
