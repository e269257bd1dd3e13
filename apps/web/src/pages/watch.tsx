import { type Access, accessPhase, Player, useAccess } from '@pay-to-view/react'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { containerIdsOf } from '../catalog/containers.tsx'
import type { Entity } from '../catalog/entity-cards.tsx'
import { MemberSection } from '../catalog/member-section.tsx'
import { useEntity, useEntityRefresh } from '../catalog/use-entity.ts'
import { CountdownTo } from '../components/countdown.tsx'
import { ErrorNotice, Loading, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useUser } from '../context.tsx'
import { entityPath, watchPath } from '../paths.ts'
import { accessText, nextRentalText } from '../purchase/access-text.ts'
import { NoAccess } from '../purchase/no-access.tsx'
import { renewalProducts, renewalTitle, useIsOwnAccess } from '../purchase/renewal.ts'
import { StartPlayback } from '../purchase/start-playback.tsx'
import { Upcoming } from '../purchase/upcoming.tsx'

export const Watch = ({ entityId }: { entityId: string }) => {
  const user = useUser()
  const access = useAccess(entityId)
  const entity = useEntity(entityId)
  useEntityRefresh(entityId, access.data)
  const title = entity.data?.title ?? 'Watch'
  const containerIds = containerIdsOf(entity.data?.memberOf ?? [])
  const hadFocus = useRef(false)
  if (user === null) {
    return (
      <Page title={title}>
        <SignedOutNotice />
      </Page>
    )
  }
  if (entity.isError && !entity.data) {
    return (
      <Page title="This film isn't available">
        <ErrorNotice error={entity.error} retry={() => void entity.refetch()} />
      </Page>
    )
  }
  const { data } = access
  const phase = data && accessPhase(data)
  return (
    <Page title={title}>
      {access.isError && !data && <ErrorNotice error={access.error} retry={() => void access.refetch()} />}
      {access.isPending && <Loading label="Checking your access…" />}
      {data && phase?.phase !== 'none' && (
        <p className="lead">
          {/* The same element is used in all phases, so screen readers announce when access starts and when its end changes. */}
          <span role="status">{accessText(data)}</span>
          {phase?.phase === 'limited' && <TimeLeft expiresAt={phase.expiresAt} />}
          {phase?.phase === 'limited' && phase.next && <>. {nextRentalText(phase)}</>}
        </p>
      )}
      {data?.hasAccess && <WatchNow access={data} entity={entity.data} title={title} hadFocus={hadFocus} />}
      {phase?.phase === 'upcoming' && (
        <>
          <Upcoming startsAt={phase.startsAt} />
          <p className="description">
            <bdi>{entity.data?.description}</bdi> <Link href={entityPath(entityId)}>Details</Link>
          </p>
        </>
      )}
      {phase?.phase === 'none' && (
        <NoAccess {...{ entityId, containerIds, hadFocus }} canceledAt={entity.data?.canceledAt ?? null} />
      )}
    </Page>
  )
}

interface WatchNowProps {
  access: Access
  entity: Entity | undefined
  title: string
  /** Whether the player had the focus. Set when the player is removed. */
  hadFocus: RefObject<boolean>
}

const WatchNow = ({ access, entity, title, hadFocus }: WatchNowProps) => {
  const { entityId } = access
  const offered = renewalProducts(access, entity?.products ?? [], useIsOwnAccess(entityId, access))
  return (
    <>
      {entity && entity.type !== 'channel' && (
        <Playback key={entityId} {...{ access, title, hadFocus }} imageUrl={entity.imageUrl} />
      )}
      <p className="description">
        <bdi>{entity?.description}</bdi> <Link href={entityPath(entityId)}>Details</Link>
        {offered.length > 0 && (
          <>
            {' · '}
            <Link href={entityPath(entityId)}>{renewalTitle(offered)}</Link>
          </>
        )}
      </p>
      {entity && entity.type !== 'video' && <MemberSection containerId={entityId} heading="Watch" pathOf={watchPath} />}
    </>
  )
}

const soonMs = 7 * 86_400_000

/** Shown if access ends within a week. */
const TimeLeft = ({ expiresAt }: { expiresAt: string }) =>
  Date.parse(expiresAt) - Date.now() > soonMs ? null : (
    <>
      {' · '}
      <CountdownTo to={expiresAt} before="Ends in" over="Ending…" />
    </>
  )

/**
 * The pages' security policy allows no workers from blob URLs. The player loads only half a minute ahead, because many users
 * stop watching before the end.
 */
const hls = { enableWorker: false, maxMaxBufferLength: 30 }

/** The path of the demo's film for an entity without playback settings. */
const demoMediaPath = (entityId: string) => `/media/${encodeURIComponent(entityId)}/master.m3u8`

interface PlaybackProps extends Pick<WatchNowProps, 'access' | 'title' | 'hadFocus'> {
  imageUrl: string | null
}

/**
 * The player. It waits for a click if the first playback starts a rental period or ends the right of withdrawal. A purchase made
 * during playback does not interrupt the film.
 */
const Playback = ({ access, title, imageUrl, hadFocus }: PlaybackProps) => {
  const phase = accessPhase(access)
  const endsWithdrawal = access.playbackEndsWithdrawal
  const [waitsForClick, setWaits] = useState(phase.phase === 'startable' || endsWithdrawal)
  const [isStarted, setStarted] = useState(false)
  const player = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The clicked button has been removed, so the player gets the focus.
    if (isStarted) player.current?.focus()
  }, [isStarted])
  const container = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = container.current
    return () => {
      hadFocus.current = element?.contains(document.activeElement) ?? false
    }
  }, [hadFocus])
  const [lastPhase, setLastPhase] = useState(phase.phase)
  if (phase.phase !== lastPhase) {
    setLastPhase(phase.phase)
    // The previous rental has ended. The next rental starts only when the user starts it.
    if (phase.phase === 'startable') {
      setWaits(true)
      setStarted(false)
    }
  }
  const watchWithinHours = phase.phase === 'startable' ? phase.watchWithinHours : null
  return (
    <div ref={container}>
      {waitsForClick && !isStarted ? (
        <StartPlayback {...{ title, watchWithinHours, endsWithdrawal }} onStart={() => setStarted(true)} />
      ) : (
        <section ref={player} tabIndex={-1} aria-label="Player" className="playback">
          <Player
            {...{ entityId: access.entityId, title, hls }}
            url={demoMediaPath(access.entityId)}
            poster={imageUrl ?? undefined}
            autoPlay={isStarted}
          />
        </section>
      )}
    </div>
  )
}
